"""What is said of the known figures: their names, and why ours differ. In Danish."""

from typing import Final

CHECKS: Final = {
    "distance": "Vejafstand",
    "patients": "Tilmeldte patienter",
    "catchment": "Tilmeldte patienter mod borgere, der har byens praksis nærmest",
    "far": "Borgere med over 15 km til en anden læge, hvis byens praksis lukker",
    "far_share": "Deres andel af patienterne, mod andelen af borgerne",
    "town_doctors": "Læger i byen",
    "ceiling": "Loft over tilmeldte i kompagniskabet",
    "lower_quartile": "Afstand til lægen, nedre kvartil",
    "upper_quartile": "Afstand til lægen, øvre kvartil",
    "bias": "Terrænmodel mod veje: skævhed",
    "mean_error": "Terrænmodel mod veje: gennemsnitlig fejl",
    "ninth_decile": "Terrænmodel mod veje: fejl, som ni af ti afstande holder sig under",
    "stated_error": "Samme fejl mod den, vi oplyser",
    "same_side": "Terrænmodel mod veje: par på samme side af 15 km",
    "area_km2": "Areal",
    "practices": "Antal praksis",
    "doctors": "Antal læger",
    "patients_per_doctor": "Patienter pr. læge",
    "open_share": "Andel praksis med åben for tilgang",
    "closed_share": "Andel praksis med lukket for tilgang",
}

AGREES: Final = {"yes": "ja", "no": "nej", "not comparable": "bedømmes ikke"}

WHYS: Final = {
    "end_points": (
        "Kilden runder til hele km og siger ikke, mellem hvilke punkter der er målt; vi måler fra "
        "bymidte til bymidte. Tilladt er 3 km og netværkets fejl."
    ),
    "straight": (
        "Kildens tal er ikke længere end luftlinjen mellem bymidterne, så det kan ikke være vejen "
        "mellem dem."
    ),
    "terrain": "Vores tal bygger på terrænmodellen, ikke på veje.",
    "unknown_place": "Stedet står ikke netop én gang i tabellerne over byer.",
    "outside": "Stedet ligger ikke i undersøgelsens område.",
    "no_road": "Ingen vej i netværket fører derhen.",
    "no_practice": "Området eller byen har ingen praksis i undersøgelsen.",
    "stated": (
        "Kildens tal er lagt ind i eksemplets praksis. At det stemmer, beviser derfor intet."
    ),
    "ceiling": "Et loft, som praksis selv har sat. Det beregnes ikke; det står i data/ceilings.csv.",
    "registered": (
        "Kilden går ud fra tilmeldte patienter i 2008, vi fra dem, der har byens praksis nærmest i dag."
    ),
    "unknown_doctors": (
        "Kilden siger ikke, hvordan der er målt, eller hvilke andre læger der er talt med."
    ),
    "rounded": "Tilladt er, at kilden runder til hele hundreder.",
    "error_band": "Netværkets fejl lægges til det tilladte.",
    "other_limit": "Undersøgelsens grænse er ikke de 15 km, som kilden taler om.",
    "needs_denmark": "Tallet gælder hele Danmark, og undersøgelsen dækker kun en del.",
    "other_people": (
        "Kilden måler for patienter på 30 år og derover med blodprop i hjertet i 2005-2017, som er "
        "ældre end befolkningen, og siger ikke, hvordan der er målt. Vi måler for alle, til den "
        "nærmeste praksis, åben eller lukket, og ikke til den læge, folk er tilmeldt."
    ),
    "cells": (
        "Hjemmene er celler: alle i en celle måles fra ét punkt, og ligger en praksis i samme punkt, "
        "er afstanden nul. Afstande under en cellebredde siger intet. Tilladt er netværkets fejl og en halv cellebredde."
    ),
    "modelled_places": "Hvor praksis ligger, er delvis en model.",
    "measured_again": (
        "Målt igen på det udtræk, der ligger her. Tilladt er 1 procentpoint. At det stemmer, viser, at målingen kan gentages, "
        "ikke at modellen er god."
    ),
    "no_extract": (
        "Ikke målt igen: der er intet OpenStreetMap-udtræk af Bornholm. Læg det i "
        "data/raw/bornholm.osm.pbf, eller angiv --extract."
    ),
    "other_extract": "Udtrækket har ingen adresser på øen, eller tabellerne ingen byer.",
    "not_terrain": "Undersøgelsen bruger rigtige veje og ikke terrænmodellen.",
    "one_island": "Målt på Bornholm alene; for resten af landet er fejlen ikke målt.",
    "set_from_it": (
        "Den fejl, vi oplyser, er sat efter denne måling. At de stemmer, beviser derfor intet."
    ),
    "area": (
        "Det officielle areal medregner ikke mange søer. Grænser, der er tegnet af celler som "
        "eksemplets, når ud over kysten. Tilladt er 1 %."
    ),
    "superseded": "Samme kilde har talt igen senere; det nyere tal er sammenlignet.",
    "outside_region": (
        "Regionen ligger ikke helt i undersøgelsens område, eller den findes ikke på dens dato."
    ),
    "too_little_known": "For mange praksis mangler antal læger eller tilmeldte.",
    "modelled_practices": "Hvor mange praksis lægerne fordeler sig på, er modellens antagelse.",
    "fitted_doctors": (
        "Modellen er bygget efter sådanne tal: 3.400 læger, fordelt på regionerne efter tællingen "
        "fra vinteren 2019/20. At det stemmer, beviser derfor intet."
    ),
    "modelled_lists": (
        "Listerne er en model: 96 % af borgerne, fordelt efter lægerne. Forskellen siger intet om de "
        "virkelige lister."
    ),
    "fitted_open": (
        "Modellen åbner 43 % af praksis i hver region, efter Midtjyllands tal fra 2019. At det "
        "stemmer, beviser derfor intet; og i andre regioner er det kendt at være anderledes."
    ),
    "drift": (
        "Talt på forskellige tidspunkter og måske forskelligt. Tilladt er 5 % og 1 % mere for hvert år."
    ),
    "share_drift": "Talt på forskellige tidspunkter. Tilladt er 15 procentpoint.",
    "left_out": "Vores tal er udeladt, fordi det gælder få borgere eller en enkelt læges liste.",
}

HEADINGS: Final = {
    "check": "Tal",
    "subject": "Hvor",
    "date": "Når",
    "expected": "Kendt",
    "ours": "Vores",
    "difference": "Afvigelse",
    "agrees": "Stemmer",
    "why": "Hvorfor",
    "source": "Kilde",
}

UNITS: Final = {
    "km": "{value} km",
    "m": "{value} m",
    "km2": "{value} km²",
    "share": "{value} %",
    "people": "{value} borgere",
    "practices": "{value} praksis",
    "doctors": "{value} læger",
}
POINTS: Final = "{value} pct.point"
ANSWER: Final = (
    "Af {all} sammenligninger kan {judged} bedømmes, og {agree} af dem stemmer. I resten kan "
    "undersøgelsen ikke svare, eller vores tal er lavet efter det kendte, så at ligheden intet beviser."
)
