(function () {
  var map = THE_MAP, groups = THE_GROUPS, box = map.getContainer();
  var data = JSON.parse(document.getElementById("basemap-data").textContent);
  // Roads lie over the areas and under names, names under practices: neither takes a click.
  [["roads", 430], ["names", 440]].forEach(function (pane) {
    var style = map.createPane(pane[0]).style;
    style.zIndex = pane[1];
    style.pointerEvents = "none";
  });

  function unpacked(steps) {
    var line = [], lat = 0, lon = 0;
    for (var i = 0; i < steps.length; i += 2) {
      lat += steps[i];
      lon += steps[i + 1];
      line.push([lat / 1e5, lon / 1e5]);
    }
    return line;
  }
  Object.keys(data.roads).reverse().forEach(function (kind) {
    L.polyline(data.roads[kind].map(unpacked), {
      pane: "roads", interactive: false, fill: false, className: "road " + kind, smoothFactor: 0.6
    }).addTo(groups.roads);
  });

  // A name: its marker, and the text in it, which place() moves.
  function named(kind, place) {
    var text = document.createElement("span"), whole = document.createElement("div");
    text.textContent = place[0];
    if (kind === "town") { whole.appendChild(document.createElement("i")); }
    whole.appendChild(text);
    L.marker([place[1], place[2]], {
      pane: "names", interactive: false, keyboard: false,
      icon: L.divIcon({className: kind, html: whole, iconSize: [0, 0]})
    }).addTo(kind === "town" ? groups.towns : groups.municipalities);
    return {at: L.latLng(place[1], place[2]), text: text, whole: whole, number: place[3]};
  }
  var towns = data.towns.map(function (place) { return named("town", place); });
  var municipalities = data.municipalities.map(function (place) { return named("place", place); });

  // The fewest people of a town that is named at a zoom.
  function fewest(zoom) {
    return zoom < 7.5 ? 40000 : zoom < 8.5 ? 15000 : zoom < 9.5 ? 4000 : zoom < 10.5 ? 1000 : 0;
  }
  var GAP = 3, NEAR = 6, FAR = 15, ASIDE = 18;
  // Where a name may stand: its middle from the place, in halves of its width and height and pixels.
  var around = [];
  [NEAR, FAR].forEach(function (far) {
    [[1, 0], [-1, 0], [0, -1], [0, 1], [1, -1], [1, 1], [-1, -1], [-1, 1]].forEach(function (side) {
      around.push([side[0], side[1], far]);
    });
  });
  var within = [[0, 0, 0], [0, -1, ASIDE / 2], [0, 1, ASIDE / 2], [0, -1, ASIDE], [0, 1, ASIDE]];

  function meets(a, b) { return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]; }

  // Names are given room in turn, towns by size first: where it hides no other and fewest practices.
  function place() {
    var zoom = map.getZoom(), taken = [], dots = [], limit = fewest(zoom);
    map.eachLayer(function (layer) {
      if (layer instanceof L.CircleMarker) { dots.push(map.project(layer.getLatLng(), zoom)); }
    });
    function hidden(area) {
      return dots.reduce(function (sum, dot) {
        return sum + (dot.x > area[0] && dot.x < area[2] && dot.y > area[1] && dot.y < area[3]);
      }, 0);
    }
    function settle(name, wanted, ways) {
      var at = map.project(name.at, zoom), best = null;
      name.shown = false;
      if (wanted && name.width) {
        ways.forEach(function (way, order) {
          var dx = way[0] * (name.width / 2 + way[2]), dy = way[1] * (name.height / 2 + way[2] / 2);
          var x = at.x + dx, y = at.y + dy, w = name.width / 2 + GAP, h = name.height / 2 + 1;
          var area = [x - w, y - h, x + w, y + h];
          if (taken.some(function (other) { return meets(area, other); })) { return; }
          var cost = hidden(area) + order / 4;
          if (!best || cost < best.cost) { best = {cost: cost, area: area, dx: dx, dy: dy}; }
        });
      }
      if (!best) { return; }
      taken.push(best.area);
      name.shown = true;
      name.shift = "translate(" + Math.round(best.dx - name.width / 2) + "px," + Math.round(best.dy - name.height / 2) + "px)";
    }
    var all = towns.concat(municipalities);
    all.forEach(function (name) {
      name.width = name.text.offsetWidth;
      name.height = name.text.offsetHeight;
    });
    towns.forEach(function (town) { settle(town, (town.number || 0) >= limit, around); });
    municipalities.forEach(function (name) {
      // What is called after its main town is named once.
      var called = towns[name.number];
      settle(name, zoom >= 8 && !(called && called.shown), within);
    });
    all.forEach(function (name) {
      name.whole.style.visibility = name.shown ? "" : "hidden";
      if (name.shown) { name.text.style.transform = name.shift; }
    });
    box.classList.toggle("near", zoom >= 8.5);
  }
  map.on("zoomend overlayadd overlayremove", place);
  place();
})();
