(function () {
  "use strict";
  var map = THE_MAP, data = JSON.parse(document.getElementById("explorer-data").textContent);
  var text = data.texts, NAMES = ["none", "one", "choice"];
  var panel = document.querySelector(".explorer"), legend = document.querySelector(".legend");
  if (!panel || !legend) { return; }
  legend.insertBefore(panel, legend.firstChild);
  panel.hidden = false;

  // The arrays

  function bytes(name) {
    var raw = atob(data.arrays[name]), out = new Uint8Array(raw.length);
    for (var i = 0; i < raw.length; i++) { out[i] = raw.charCodeAt(i); }
    return out.buffer;
  }
  var people = new Float64Array(bytes("people")), municipality = new Uint8Array(bytes("municipality"));
  var offRoad = new Uint8Array(bytes("off_road")), limit = new Float32Array(bytes("limit"));
  var reached = new Uint16Array(bytes("reached")), place = new Uint16Array(bytes("place"));
  var corners = new Uint16Array(bytes("corners"));
  var square = new Uint32Array(bytes("square")), at = new Uint16Array(bytes("at"));
  var homes = people.length, practices = data.practices, bounds = data.bounds;
  var keys = {};
  practices.forEach(function (practice, i) { keys[practice[0]] = i; });

  function lon(step) { return bounds[0] + step / 65535 * (bounds[2] - bounds[0]); }
  function lat(step) { return bounds[1] + step / 65535 * (bounds[3] - bounds[1]); }

  // The state: practices whose answer differs from the study's, and new ones

  var state = { flipped: [], fresh: [] }, history = [];

  function copy(one) { return { flipped: one.flipped.slice(), fresh: one.fresh.slice() }; }
  function counts(i, one) { return practices[i][2 + 1] !== (one.flipped.indexOf(i) >= 0 ? 1 : 0) ? 1 : 0; }

  // Who can choose: the same arithmetic as analysis/choice.py

  function level(n) { return n >= data.enough ? 2 : n > 0 ? 1 : 0; }

  function reach(fresh) {
    var out = [];
    fresh.forEach(function (point) {
      var sure = [], kx = Math.cos(point[0] * Math.PI / 180) * 111320, ky = 111320;
      for (var h = 0; h < homes; h++) {
        var dx = (lon(at[2 * h]) - point[1]) * kx, dy = (lat(at[2 * h + 1]) - point[0]) * ky;
        var metres = Math.sqrt(dx * dx + dy * dy) * data.detour, e = data.new_error;
        sure.push(metres <= limit[h] / (1 + e) ? 0 : metres <= limit[h] ? 1 : metres <= limit[h] / (1 - e) ? 2 : 3);
      }
      out.push(sure);
    });
    return out;
  }

  function judge(one) {
    var open = new Int32Array(data.places), status = new Uint8Array(homes), certain = new Uint8Array(homes);
    for (var p = 0; p < practices.length; p++) { open[practices[p][2]] += counts(p, one); }
    var added = reach(one.fresh);
    for (var h = 0, k = 0; h < homes; h++) {
      var low = 0, mid = 0, high = 0;
      for (var end = k + reached[h]; k < end; k++) {
        var n = open[place[k] & 16383], near = place[k] >> 14;
        high += n;
        if (near < 2) { mid += n; if (near < 1) { low += n; } }
      }
      for (var a = 0; a < added.length; a++) {
        var s = added[a][h];
        if (s < 3 && !offRoad[h]) { high++; if (s < 2) { mid++; if (s < 1) { low++; } } }
      }
      status[h] = level(mid);
      certain[h] = !offRoad[h] && level(low) === status[h] && level(high) === status[h] ? 1 : 0;
    }
    return { status: status, certain: certain };
  }

  var base = judge(state), now = base;

  function compare(then) {
    var moves = {}, unsure = {}, towns = data.municipalities.map(function () { return [0, 0, 0, 0]; });
    for (var h = 0; h < homes; h++) {
      var was = base.status[h], is = then.status[h], n = people[h], town = towns[municipality[h]];
      if (was !== is) {
        var name = NAMES[was] + "_to_" + NAMES[is];
        moves[name] = (moves[name] || 0) + n;
        if (!base.certain[h] || !then.certain[h]) { unsure[name] = (unsure[name] || 0) + n; }
        town[was] -= n; town[is] += n;
      }
      town[3] += ((then.certain[h] ? 0 : 1) - (base.certain[h] ? 0 : 1)) * n;
    }
    return { moves: moves, unsure: unsure, towns: towns };
  }

  function sum(of, names) { return names.reduce(function (total, name) { return total + (of[name] || 0); }, 0); }
  var LOSE = ["choice_to_one"], LAST = ["one_to_none", "choice_to_none"];
  var GAIN = ["one_to_choice", "none_to_one", "none_to_choice"];

  // Words

  function number(value) {
    var size = Math.abs(value), whole = Math.floor(size), rest = size - whole;
    size = rest > 0.5 || (rest === 0.5 && whole % 2) ? whole + 1 : whole; // half to even, as Python does
    if (Math.abs(value) > 1e-6 && Math.abs(value) < data.smallest - 1e-6) { return fill(text.fewer_than, { smallest: String(data.smallest) }); }
    return (value < 0 && size ? "−" : "") + String(size).replace(/\B(?=(\d{3})+$)/g, "THE_THOUSANDS");
  }
  function fill(words, values) {
    return words.replace(/\{(\w+)\}/g, function (_, key) { return values[key]; });
  }
  function list(names) {
    if (names.length > 4) { return names.slice(0, 3).join(", ") + " " + fill(text.several, { number: names.length - 3 }); }
    return names.length < 2 ? names.join("") : names.slice(0, -1).join(", ") + text.and + names[names.length - 1];
  }
  function label(i) { return practices[i][1]; }
  function newLabel(i) { return fill(text["new"], { number: i + 1 }); }

  function sentence(one, found) {
    var closed = [], opened = [];
    one.flipped.forEach(function (i) { (practices[i][3] ? closed : opened).push(label(i)); });
    one.fresh.forEach(function (_, i) { opened.push(newLabel(i)); });
    if (!closed.length && !opened.length) { return ""; }
    var head = closed.length && opened.length ? fill(text.both, { closed: list(closed), opened: list(opened) })
      : fill(closed.length ? text.closes : text.opens, { names: list(closed.length ? closed : opened) });
    var parts = [[text.lose_choice, LOSE], [text.lose_last, LAST], [text.gain, GAIN]].map(function (pair) {
      var n = sum(found.moves, pair[1]), m = sum(found.unsure, pair[1]);
      if (n < 1e-6) { return ""; }
      return fill(pair[0], { people: number(n) }) + (m > 1e-6 ? fill(text.unsure, { people: number(m) }) : "");
    }).filter(Boolean);
    return head + (parts.length ? parts.join(", ") : text.nobody) + ".";
  }

  // The panel and the table below the map

  var body = panel.querySelector("tbody"), said = panel.querySelector(".sentence");
  var changes = panel.querySelector(".changes"), fine = panel.querySelector(".fine");
  var buttons = {};
  panel.querySelectorAll("button[data-do]").forEach(function (b) { buttons[b.dataset["do"]] = b; });

  function element(kind, words, name) {
    var made = document.createElement(kind);
    if (words !== undefined) { made.textContent = words; }
    if (name) { made.className = name; }
    return made;
  }

  function showTotals(found) {
    var total = [0, 0, 0, 0];
    found.towns.forEach(function (town) { town.forEach(function (n, i) { total[i] += n; }); });
    body.textContent = "";
    [[2, "choice"], [1, "one"], [0, "none"], [3, "uncertain"]].forEach(function (pair) {
      var was = data.total[pair[1]], row = element("tr"), change = total[pair[0]];
      var head = element("th", text[pair[1]]);
      head.scope = "row";
      row.appendChild(head);
      row.appendChild(element("td", was === null ? ".." : number(was)));
      row.appendChild(element("td", was === null ? ".." : number(was + change)));
      var worse = pair[1] === "choice" ? change < -0.5 : pair[1] !== "uncertain" && change > 0.5;
      row.appendChild(element("td", Math.abs(change) < 1e-6 ? "0" : (change > 0 ? "+" : "") + number(change), worse ? "worse" : ""));
      body.appendChild(row);
    });
  }

  var rows = [].slice.call(document.querySelectorAll("footer details table tbody tr"), 0, data.municipalities.length);
  var foot = document.querySelector("footer details table tfoot tr"), kept = null;
  var COLUMNS = [[2, "choice", 2], [3, "one", 1], [4, "none", 0], [5, "uncertain", 3]];

  function cells(row) { return [].slice.call(row.children); }
  function showTowns(found) {
    if (!foot || rows.length !== data.municipalities.length) { return; }
    var all = rows.concat([foot]);
    kept = kept || all.map(function (row) { return cells(row).map(function (cell) { return cell.textContent; }); });
    var total = [0, 0, 0, 0];
    found.towns.forEach(function (town) { town.forEach(function (n, i) { total[i] += n; }); });
    all.forEach(function (row, r) {
      var before = r < rows.length ? data.municipalities[r] : data.total, change = r < rows.length ? found.towns[r] : total;
      var line = cells(row);
      COLUMNS.forEach(function (column) {
        var was = before[column[1]], delta = change[column[2]], cell = line[column[0]];
        if (!cell) { return; }
        var moved = Math.abs(delta) > 1e-6;
        cell.textContent = moved && was !== null ? number(was + delta) : kept[r][column[0]];
        cell.classList.toggle("changed", moved);
      });
    });
  }

  function showChanges() {
    changes.textContent = "";
    function line(words, act) {
      var item = element("li"), button = element("button", text.remove);
      button.type = "button";
      button.setAttribute("aria-label", text.remove + ": " + words);
      button.addEventListener("click", act);
      item.appendChild(element("span", words));
      item.appendChild(button);
      changes.appendChild(item);
    }
    state.flipped.forEach(function (i) {
      line((practices[i][3] ? "− " : "+ ") + label(i), function () { flip(i); });
    });
    state.fresh.forEach(function (_, i) {
      line("+ " + newLabel(i), function () { change(function (next) { next.fresh.splice(i, 1); }); });
    });
  }

  function showFine() {
    var words = [text.fine_choice];
    if (state.fresh.length) {
      words.push(fill(text.fine_new, { detour: String(data.detour).replace(".", "THE_DECIMAL"), error: Math.round(100 * data.new_error) }));
    }
    if (data.hidden) { words.push(fill(text.fine_hidden, { number: number(data.hidden) })); }
    fine.textContent = words.join(" ");
  }

  // What changed, drawn over the map
  // Paths, not a canvas: they are printed as they are seen.

  var SVG = "http://www.w3.org/2000/svg", sheet = document.createElementNS(SVG, "svg");
  sheet.setAttribute("class", "explorer-sheet leaflet-zoom-hide");
  map.createPane("explorer").style.zIndex = 420;
  map.getPane("explorer").appendChild(sheet);
  var freshMarkers = L.layerGroup().addTo(map), markers = {};

  function drawPath(d, look) {
    if (!d) { return; }
    var path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    Object.keys(look).forEach(function (name) { path.setAttribute(name, look[name]); });
    sheet.appendChild(path);
  }
  function trace(s) {
    var d = "";
    for (var c = 0; c < 4; c++) {
      var i = 8 * s + 2 * c, point = map.latLngToContainerPoint([lat(corners[i + 1]), lon(corners[i])]);
      d += (c ? "L" : "M") + point.x.toFixed(1) + " " + point.y.toFixed(1);
    }
    return d + "Z";
  }
  function draw() {
    var size = map.getSize();
    L.DomUtil.setPosition(sheet, map.containerPointToLayerPoint([0, 0]));
    sheet.setAttribute("width", size.x);
    sheet.setAttribute("height", size.y);
    sheet.textContent = "";
    if (now === base) { return; }
    var worst = {}, edges = ["", ""], fills = ["", "", "", "", "", ""];
    for (var h = 0; h < homes; h++) {
      if (base.status[h] !== now.status[h]) {
        var s = square[h];
        if (worst[s] === undefined || now.status[h] < now.status[worst[s]]) { worst[s] = h; }
      }
    }
    Object.keys(worst).map(Number).forEach(function (s) {
      var h = worst[s], d = trace(s), sure = now.certain[h] && base.certain[h] ? 1 : 0;
      edges[now.status[h] < base.status[h] ? 0 : 1] += d;
      fills[2 * now.status[h] + sure] += d;
    });
    // One line around them all: first every edge, wide, then the squares over it.
    edges.forEach(function (d, better) {
      drawPath(d, { fill: "none", stroke: better ? "#0b6b4f" : "#000000", "stroke-width": 4, "stroke-linejoin": "round" });
    });
    fills.forEach(function (d, kind) {
      drawPath(d, { fill: "#ffffff" });
      drawPath(d, { fill: data.colours[kind >> 1], "fill-opacity": kind & 1 ? 1 : 0.55 });
    });
  }
  map.on("moveend zoomend resize viewreset", draw);

  function placeKind(p) {
    var all = 0, open = 0;
    practices.forEach(function (practice, i) { if (practice[2] === p) { all++; open += counts(i, state); } });
    return open === all ? "open" : open ? "some" : "closed";
  }
  function showMarkers() {
    map.eachLayer(function (layer) {
      var feature = layer.feature;
      if (!(layer instanceof L.CircleMarker) || !feature || !feature.properties.practices) { return; }
      var mine = feature.properties.practices, kind = placeKind(practices[mine[0]][2]);
      var touched = mine.some(function (i) { return state.flipped.indexOf(i) >= 0; });
      layer.setStyle({
        fillColor: data.practice_fills[kind], color: touched ? "#000000" : data.practice_edges[kind],
        weight: touched ? 3 : 1.5, dashArray: touched ? "2 3" : null
      });
    });
    freshMarkers.clearLayers();
    state.fresh.forEach(function (point, i) {
      L.circleMarker(point, { pane: "points", radius: 7, color: "#000000", weight: 3, fillColor: "#0b6b4f", fillOpacity: 1 })
        .bindTooltip(newLabel(i)).addTo(freshMarkers);
    });
  }

  // Acts

  function show() {
    var found = compare(now);
    said.textContent = sentence(state, found);
    showTotals(found); showTowns(found); showChanges(); showFine(); showMarkers(); draw();
    var changed = state.flipped.length + state.fresh.length > 0;
    buttons.undo.disabled = !history.length;
    buttons.reset.disabled = !changed;
    buttons.link.disabled = !changed;
  }
  function set(next) {
    state = next;
    now = state.flipped.length + state.fresh.length ? judge(state) : base;
    show();
    remember();
  }
  function change(act) {
    var next = copy(state);
    act(next);
    history.push(state);
    set(next);
  }
  function flip(i) {
    change(function (next) {
      var place = next.flipped.indexOf(i);
      if (place < 0) { next.flipped.push(i); } else { next.flipped.splice(place, 1); }
    });
  }

  // The state in the address

  function hash() {
    var parts = [];
    if (state.flipped.length) {
      parts.push("skift=" + state.flipped.map(function (i) { return encodeURIComponent(practices[i][0]); }).join(","));
    }
    if (state.fresh.length) {
      parts.push("ny=" + state.fresh.map(function (p) { return p[0].toFixed(4) + "_" + p[1].toFixed(4); }).join(","));
    }
    return parts.length ? "#" + parts.join("&") : "";
  }
  function remember() {
    var wanted = hash();
    if (location.hash !== wanted) {
      try { window.history.replaceState(null, "", wanted || location.pathname + location.search); }
      catch (_) { location.hash = wanted; }  // a frame without an address of its own
    }
  }
  function recall() {
    var next = { flipped: [], fresh: [] };
    location.hash.replace(/^#/, "").split("&").forEach(function (part) {
      var pair = part.split("="), values = (pair[1] || "").split(",").filter(Boolean);
      if (pair[0] === "skift") {
        values.forEach(function (value) {
          var key;
          try { key = decodeURIComponent(value); } catch (_) { return; }
          if (Object.prototype.hasOwnProperty.call(keys, key) && next.flipped.indexOf(keys[key]) < 0) { next.flipped.push(keys[key]); }
        });
      } else if (pair[0] === "ny") {
        values.forEach(function (value) {
          var point = value.split("_").map(Number);
          if (point.length === 2 && isFinite(point[0]) && isFinite(point[1]) && Math.abs(point[0]) <= 90) { next.fresh.push(point); }
        });
      }
    });
    return next;
  }
  window.addEventListener("hashchange", function () { if (location.hash !== hash()) { history.push(state); set(recall()); } });

  // Buttons

  var placing = false;
  function setPlacing(on) {
    placing = on;
    buttons["new"].setAttribute("aria-pressed", on ? "true" : "false");
    document.body.classList.toggle("placing", on);
    panel.querySelector(".hint").textContent = on ? text.place_new : hint;
  }
  var hint = panel.querySelector(".hint").textContent;
  map.on("click", function (event) {
    if (!placing) { return; }
    setPlacing(false);
    change(function (next) { next.fresh.push([+event.latlng.lat.toFixed(4), +event.latlng.lng.toFixed(4)]); });
  });
  buttons["new"].addEventListener("click", function () { setPlacing(!placing); });
  buttons.undo.addEventListener("click", function () { if (history.length) { set(history.pop()); } });
  buttons.reset.addEventListener("click", function () { history.push(state); set({ flipped: [], fresh: [] }); });
  buttons.link.addEventListener("click", function () {
    function tell(words) { fine.textContent = words; }
    if (navigator.clipboard && navigator.clipboard.writeText) {
      navigator.clipboard.writeText(location.href).then(function () { tell(text.copied); }, function () { tell(text.link); });
    } else { tell(text.link); }
  });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape" && placing) { setPlacing(false); } });

  map.on("popupopen", function (event) {
    var source = event.popup._source, feature = source && source.feature;
    var mine = feature && feature.properties.practices, box = event.popup.getElement();
    if (!mine && event.layer && event.layer.feature) { mine = event.layer.feature.properties.practices; }
    box = box && box.querySelector(".leaflet-popup-content");
    if (!mine || !box) { return; }
    var old = box.querySelector(".practice-buttons"), group = element("div", undefined, "practice-buttons");
    if (old) { old.remove(); }
    mine.forEach(function (i) {
      var words = (counts(i, state) ? text.close : text.reopen) + (mine.length > 1 ? " " + label(i) : "");
      var button = element("button", words, "practice-button");
      button.type = "button";
      button.addEventListener("click", function () {
        map.closePopup();
        if (source.closeTooltip) { source.closeTooltip(); }
        flip(i);
      });
      group.appendChild(button);
    });
    box.appendChild(group);
    // What update() does but for writing the content anew, which would take the buttons out: with them
    // the popup is taller, and must be moved into view as it is now.
    event.popup._updateLayout();
    event.popup._updatePosition();
    event.popup._adjustPan();
  });

  state = recall();
  now = state.flipped.length + state.fresh.length ? judge(state) : base;
  show();

  // For who wants to ask without clicking
  window.explorer = {
    flip: function (ids) {
      var next = { flipped: ids.map(function (id) { return keys[id]; }), fresh: [] };
      var found = compare(judge(next));
      return { moves: found.moves, unsure: found.unsure, towns: found.towns };
    }
  };
})();
