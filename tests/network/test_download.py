"""Downloads by osmnx, against a server on this machine that answers as the real ones do."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlparse

import osmnx
import pytest
import shapely

from gpcoverage.errors import NetworkError
from gpcoverage.network import osm
from gpcoverage.network.tags import CLASS_NAMES

VILLAGE = shapely.box(10.39, 55.94, 10.43, 55.97)
NODES = {
    1: (10.40, 55.95),
    2: (10.41, 55.95),
    3: (10.42, 55.95),
    4: (10.42, 55.96),
    5: (10.30, 55.96),
}
WAYS = {
    10: ([1, 2, 3], {"highway": "tertiary"}),
    11: ([3, 4], {"highway": "residential"}),
    12: ([4, 5], {"route": "ferry", "motor_vehicle": "yes"}),
    13: ([1, 4], {"highway": "service", "access": "private"}),
}


class OpenStreetMap(BaseHTTPRequestHandler):
    """Overpass and Nominatim, as far as osmnx asks them."""

    asked: list[str] = []  # noqa: RUF012  the server makes a handler per request

    def do_GET(self) -> None:
        query = parse_qs(urlparse(self.path).query)
        self.asked.append(self.path)
        if "Nowhere" in query.get("q", [""])[0]:
            return self._answer([])
        area = shapely.geometry.mapping(VILLAGE)
        place = {"display_name": "Village", "class": "boundary", "type": "administrative", "lat": "55.95",
                 "lon": "10.41", "importance": 0.5, "osm_type": "relation", "osm_id": 1, "place_id": 1,
                 "boundingbox": ["55.94", "55.97", "10.39", "10.43"], "geojson": area}  # fmt: skip
        return self._answer([place])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        question = parse_qs(body)["data"][0]
        self.asked.append(question)
        ways = [
            {"type": "way", "id": i, "nodes": nodes, "tags": tags}
            for i, (nodes, tags) in WAYS.items()
            if ("route" in tags) == ('"route"' in question)
        ]
        used = {node for way in ways for node in way["nodes"]}  # type: ignore[attr-defined]
        points = [{"type": "node", "id": i, "lon": NODES[i][0], "lat": NODES[i][1]} for i in used]
        self._answer({"version": 0.6, "elements": [*points, *ways]})

    def _answer(self, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[OpenStreetMap]]:
    listening = HTTPServer(("127.0.0.1", 0), OpenStreetMap)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{listening.server_port}/"
    monkeypatch.setattr(osmnx.settings, "overpass_url", address + "api")
    monkeypatch.setattr(osmnx.settings, "nominatim_url", address)
    monkeypatch.setattr(osmnx.settings, "overpass_rate_limit", False)
    monkeypatch.setattr(osmnx.settings, "requests_timeout", 5)
    OpenStreetMap.asked.clear()
    yield OpenStreetMap
    listening.shutdown()
    listening.server_close()
    thread.join()


def test_polygon_is_downloaded_with_ferries_and_without_private_roads(
    server: type[OpenStreetMap],
) -> None:
    before = list(osmnx.settings.useful_tags_way), osmnx.settings.use_cache
    network = osm.from_polygon(VILLAGE)
    assert [CLASS_NAMES[i] for i in network.road_class] == ["tertiary", "residential", "ferry"]
    assert network.forward.all()
    assert network.backward.all()
    assert (list(osmnx.settings.useful_tags_way), osmnx.settings.use_cache) == before
    assert any("motorway" in question for question in server.asked)
    assert any('"route"="ferry"' in question for question in server.asked)


def test_place_is_looked_up_first(server: type[OpenStreetMap]) -> None:
    network = osm.from_place("Village, Denmark")
    assert network.fingerprint() == osm.from_polygon(VILLAGE).fingerprint()
    assert "Village" in server.asked[0]


@pytest.mark.usefixtures("server")
def test_unknown_place_is_told() -> None:
    with pytest.raises(NetworkError, match="Nowhere: not found as an area in OpenStreetMap"):
        osm.from_place("Nowhere")


def test_no_connection_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osmnx.settings, "overpass_url", "http://127.0.0.1:9/api")
    monkeypatch.setattr(osmnx.settings, "overpass_rate_limit", False)
    with pytest.raises(NetworkError, match="OpenStreetMap gave no roads for this area"):
        osm.from_polygon(VILLAGE)
