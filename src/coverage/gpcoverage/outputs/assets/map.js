(function () {
  var map = THE_MAP, box = map.getContainer();
  function markers(what) {
    map.eachLayer(function (layer) { if (layer instanceof L.CircleMarker) what(layer); });
  }
  function names() { box.classList.toggle("far", map.getZoom() < 8); }
  map.on("zoomend", names);
  names();
  map.on("overlayadd", function () { markers(function (m) { m.bringToFront(); }); });
  map.on("baselayerchange", function (event) {
    var areas = {};
    (function collect(layer) {
      if (layer.eachLayer) { layer.eachLayer(collect); } else { areas[L.stamp(layer)] = true; }
    })(event.layer);
    map.eachLayer(function (layer) {
      var above = layer instanceof L.Path && !areas[L.stamp(layer)] && layer.options.className !== "land";
      if (above) { layer.bringToFront(); }
    });
  });
  markers(function (marker) {
    var shape = marker.getElement();
    shape.setAttribute("tabindex", "0");
    shape.setAttribute("role", "button");
    var text = document.createElement("span");
    text.innerHTML = marker.feature.properties.title;
    shape.setAttribute("aria-label", text.textContent);
    shape.addEventListener("keydown", function (event) {
      if (event.key === "Enter" || event.key === " ") { marker.fire("click", {latlng: marker.getLatLng()}, true); event.preventDefault(); }
    });
  });
})();
