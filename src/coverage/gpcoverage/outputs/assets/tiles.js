(function () {
  var map = THE_MAP, tiles = THE_TILES, box = map.getContainer();
  L.control.attribution({prefix: false}).addTo(map);
  function follow() {
    // The list of layers disables what is not drawn at the present zoom: offline, that is never.
    tiles.options.minZoom = navigator.onLine ? 0 : Infinity;
    box.classList.toggle("offline", !navigator.onLine);
    if (!navigator.onLine) { map.removeLayer(tiles); }
  }
  tiles.on("add remove", function () { box.classList.toggle("tiled", map.hasLayer(tiles)); });
  ["online", "offline"].forEach(function (name) {
    window.addEventListener(name, function () { follow(); map.fire("zoomend"); });
  });
  follow();
})();
