"""OpenStreetMap's own map as a layer that the reader may switch on where there is internet."""

from importlib import resources
from typing import Any, Final

import folium
from branca.element import Element

from gpcoverage.outputs.language import say
from gpcoverage.outputs.markup import safe

TILE_HOST: Final = "https://tile.openstreetmap.org"
LARGEST_ZOOM: Final = 19


class OnlineTiles(folium.TileLayer):
    """The layer: never shown from the start, and disabled with a note while there is no internet."""

    def __init__(self) -> None:
        name = safe(say("OpenStreetMaps kort"))
        note = safe(say("kræver internet"))
        super().__init__(
            tiles=f"{TILE_HOST}/{{z}}/{{x}}/{{y}}.png",
            attr="© OpenStreetMap contributors",
            name=f'{name}<span class="no-internet"> ({note})</span>',
            overlay=True,
            show=False,
            max_zoom=LARGEST_ZOOM,
            # The server refuses whoever does not say where the map is shown.
            referrer_policy="strict-origin-when-cross-origin",
        )

    def render(self, **kwargs: Any) -> str:
        """Put the layer into the page, and behind it what follows the connection."""
        super().render(**kwargs)  # type: ignore[no-untyped-call]
        figure: Any = self.get_root()
        drawn = "" if self._parent is None else self._parent.get_name()
        script = resources.files(__package__).joinpath("assets/tiles.js").read_text("utf-8")
        script = script.replace("THE_MAP", drawn).replace("THE_TILES", self.get_name())
        figure.script.add_child(Element(script), name=f"{self.get_name()}_connection")
        return ""
