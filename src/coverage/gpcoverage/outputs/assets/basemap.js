(function () {
  var map = THE_MAP, groups = THE_GROUPS, box = map.getContainer();
  var data = JSON.parse(document.getElementById("basemap-data").textContent);
  // Roads lie over the areas and under names, names under practices: neither takes a click.
  [["roads", 430], ["names", 440]].forEach(function (pane) {
    var style = map.createPane(pane[0]).style;
    style.zIndex = pane[1];
    style.pointerEvents = "none";
  });

  // Roads

  function unpacked(steps) {
    var line = [], lat = 0, lon = 0;
    for (var i = 0; i < steps.length; i += 2) {
      lat += steps[i];
      lon += steps[i + 1];
      line.push([lat / 1e5, lon / 1e5]);
    }
    return line;
  }
  // A pale line with a grey edge: it shows on pale land and on dark areas. Large roads come last.
  ["edge", "road"].forEach(function (part) {
    Object.keys(data.roads).reverse().forEach(function (kind) {
      L.polyline(data.roads[kind].map(unpacked), {
        pane: "roads", interactive: false, className: part + " " + kind, smoothFactor: 0.6
      }).addTo(groups.roads);
    });
  });

  // Names: a marker each, and in it the text, which is given its place at every zoom

  var CITY = 50000, WELL_KNOWN = 20000, LARGE = 10000;
  // The fewest people of a town that is named at a zoom.
  function fewest(zoom) {
    return zoom < 7.75 ? 40000 : zoom < 8.75 ? 15000 : zoom < 9.75 ? 4000 : zoom < 10.75 ? 1000 : 0;
  }
  // Pixels: between names, from a place to its name, and how near a larger town hides a smaller one.
  var GAP = 3, NEAR = 8, FAR = 17, ASIDE = 18, SUBURB = 14;
  // Where a name may stand: its middle from the place, in halves of its width and height and pixels.
  var around = [];
  [NEAR, FAR].forEach(function (far) {
    [[1, 0], [-1, 0], [0, -1], [0, 1], [1, -1], [1, 1], [-1, -1], [-1, 1]].forEach(function (side) {
      around.push([side[0], side[1], far]);
    });
  });
  var within = [[0, 0, 0], [0, -1, ASIDE / 2], [0, 1, ASIDE / 2], [0, -1, ASIDE], [0, 1, ASIDE],
    [-1, 0, -ASIDE], [1, 0, -ASIDE], [-1, 0, 0], [1, 0, 0]];

  function mark(kind, place, group) {
    var text = document.createElement("span"), whole = document.createElement("div");
    text.textContent = place[0];
    if (kind === "town") { whole.appendChild(document.createElement("i")); }
    whole.appendChild(text);
    var icon = L.divIcon({className: kind, html: whole, iconSize: [0, 0]});
    L.marker([place[1], place[2]], {
      pane: "names", interactive: false, keyboard: false, icon: icon
    }).addTo(group);
    return {at: L.latLng(place[1], place[2]), text: text, whole: whole};
  }
  var towns = data.towns.map(function (place) {
    var town = mark("town", place, groups.towns), people = place[3] || 0;
    town.whole.className = people >= CITY ? "city" : people >= LARGE ? "large" : "small";
    town.people = people;
    // How many practices may lie over the name; where there are more, it waits for more room.
    town.bears = people >= WELL_KNOWN ? Infinity : people >= LARGE ? 1 : 0;
    return town;
  });
  var municipalities = data.municipalities.map(function (place) {
    var name = mark("place", place, groups.municipalities);
    name.called = towns[place[3]];
    return name;
  });
  var names = towns.concat(municipalities);

  function meets(a, b) { return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]; }

  // The practices, as boxes in pixels.
  function dots(zoom) {
    var found = [];
    map.eachLayer(function (layer) {
      if (!(layer instanceof L.CircleMarker)) { return; }
      var at = map.project(layer.getLatLng(), zoom), far = layer.getRadius();
      found.push([at.x - far, at.y - far, at.x + far, at.y + far]);
    });
    return found;
  }

  // Names are given room in turn, towns by size first: where they hide no other, near their place,
  // and under as few practices as can be.
  function arrange() {
    var zoom = map.getZoom(), practices = dots(zoom), taken = [];
    function settle(name, ways) {
      var best = null;
      ways.forEach(function (way, order) {
        var dx = way[0] * (name.width / 2 + way[2]), dy = way[1] * (name.height / 2 + way[2] / 2);
        var x = name.px.x + dx, y = name.px.y + dy, w = name.width / 2 + GAP, h = name.height / 2 + 1;
        var area = [x - w, y - h, x + w, y + h];
        if (taken.some(function (other) { return meets(area, other); })) { return; }
        var lost = practices.reduce(function (sum, dot) { return sum + meets(area, dot); }, 0);
        var cost = (name.bears === Infinity ? 0.7 : 3) * lost + order / 4;
        if (lost <= name.bears && (!best || cost < best.cost)) {
          best = {cost: cost, area: area, left: dx - name.width / 2, top: dy - name.height / 2};
        }
      });
      if (!best) { return; }
      taken.push(best.area);
      name.shift = "translate(" + Math.round(best.left) + "px," + Math.round(best.top) + "px)";
    }
    names.forEach(function (name) {
      name.px = map.project(name.at, zoom);
      name.width = name.text.offsetWidth;  // nothing where the layer was put away
      name.height = name.text.offsetHeight;
      name.shift = "";
    });
    towns.forEach(function (town) {
      var suburb = towns.some(function (other) {
        var far = other.people > 5 * town.people ? 2 * SUBURB : SUBURB;
        return other.shift && other.px.distanceTo(town.px) < far;
      });
      if (town.width && town.people >= fewest(zoom) && !suburb) { settle(town, around); }
    });
    var alone = !towns.some(function (town) { return town.width; });
    municipalities.forEach(function (name) {
      name.bears = alone ? Infinity : 1;
      // What is called after its main town is named once.
      var named = name.called && name.called.shift;
      if (name.width && zoom >= 8 && !named) { settle(name, within); }
    });
    names.forEach(function (name) {
      name.whole.style.visibility = name.shift ? "" : "hidden";
      name.text.style.transform = name.shift;
    });
    box.classList.toggle("near", zoom >= 8.5);
  }
  map.on("zoomend overlayadd overlayremove", arrange);
  arrange();
})();
