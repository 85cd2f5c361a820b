(function () {
  var map = THE_MAP;
  function markers(what) {
    map.eachLayer(function (layer) { if (layer instanceof L.CircleMarker) what(layer); });
  }
  // Points lie over everything else that is drawn, whatever is drawn later.
  map.createPane("points").style.zIndex = 450;
  var points = [];
  markers(function (marker) { points.push(marker); });
  points.forEach(function (marker) {
    map.removeLayer(marker);
    marker.options.pane = "points";
    map.addLayer(marker);
  });
  // From afar practices are drawn small, unless their size says something.
  function size() {
    markers(function (marker) {
      var facts = marker.feature && marker.feature.properties;
      if (!facts || facts.radius_px !== undefined) { return; }
      marker.fullRadius = marker.fullRadius || marker.getRadius();
      marker.setRadius(marker.fullRadius * (map.getZoom() < 8 ? 0.7 : 1));
    });
  }
  map.on("zoomend", size);
  size();
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
  // Tables are sorted by their headings: numbers as Danes write them, then text.
  document.querySelectorAll("footer table").forEach(function (table) {
    var body = table.tBodies[0], headings = [].slice.call(table.querySelectorAll("thead th"));
    if (!body || body.rows.length < 2) { return; }
    function value(row, column) {
      var text = row.cells[column] ? row.cells[column].textContent.trim() : "";
      var plain = text.replace(/[THE_THOUSANDS\s]/g, "").replace("THE_DECIMAL", ".").replace("−", "-").replace(/(km|%|kr)$/, "");
      return plain !== "" && isFinite(plain) ? +plain : text;
    }
    function compare(a, b) {
      if (typeof a === typeof b) { return typeof a === "number" ? a - b : a.localeCompare(b, "THE_LANGUAGE"); }
      return typeof a === "number" ? -1 : 1;
    }
    headings.forEach(function (heading, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.textContent = heading.textContent;
      heading.textContent = "";
      heading.appendChild(button);
      button.addEventListener("click", function () {
        var down = heading.getAttribute("aria-sort") === "ascending", rows = [].slice.call(body.rows);
        headings.forEach(function (other) { other.removeAttribute("aria-sort"); });
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
        rows.sort(function (a, b) { return (down ? -1 : 1) * compare(value(a, column), value(b, column)); });
        rows.forEach(function (row) { body.appendChild(row); });
      });
    });
  });
  // On paper: the map is drawn for the sheet, with all that is seen, and tables are unfolded.
  var seen = null, folded = [];
  window.addEventListener("beforeprint", function () {
    seen = map.getBounds();
    folded = [].slice.call(document.querySelectorAll("footer details:not([open])"));
    folded.forEach(function (one) { one.open = true; });
    document.body.classList.add("on-paper");
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(seen, { animate: false });
  });
  window.addEventListener("afterprint", function () {
    document.body.classList.remove("on-paper");
    folded.forEach(function (one) { one.open = false; });
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(seen, { animate: false });
  });
})();
