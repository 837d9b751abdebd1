/// The script of the page: it reads values out of heat maps and redraws the layers of another pair
/// of models. Without it nothing is missing but these two.
enum Script {
  static let text: HTML = #"""
    (function () {
      "use strict";
      var source = document.getElementById("similarities");
      if (!source) { return; }
      var data = JSON.parse(source.textContent);
      function unpack(text) {
        var bytes = atob(text), n = bytes.length / 2, values = new Float32Array(n);
        for (var i = 0; i < n; i++) {
          var code = bytes.charCodeAt(2 * i) + 256 * bytes.charCodeAt(2 * i + 1);
          values[i] = code === 65535 ? NaN : code / 30000 - 1;
        }
        return values;
      }
      function show(value) {
        return isNaN(value) ? "no value" : value.toFixed(3).replace("-", "\u2212");
      }
      function readout(figure, lookup) {
        var svg = figure.querySelector("svg"), line = figure.querySelector(".readout");
        var place = JSON.parse(figure.getAttribute("data-placement"));
        svg.addEventListener("pointermove", function (event) {
          var point = new DOMPoint(event.clientX, event.clientY);
          point = point.matrixTransform(svg.getScreenCTM().inverse());
          var column = Math.floor((point.x - place.x) / place.size);
          var row = Math.floor((point.y - place.y) / place.size);
          var inside = row >= 0 && column >= 0 && row < place.count && column < place.count;
          line.textContent = inside ? lookup(row, column) : "";
        });
        svg.addEventListener("pointerleave", function () { line.textContent = ""; });
      }
      var models = document.getElementById("figure-models");
      if (models && data.models.values) {
        var modelValues = unpack(data.models.values), order = data.models.order;
        readout(models, function (row, column) {
          var a = data.models.names[order[row]], b = data.models.names[order[column]];
          if (row === column) { return a; }
          return a + " \u2013 " + b + ": " + show(modelValues[row * order.length + column]);
        });
      }
      if (!data.layers) { return; }
      var names = data.layers.names, count = names.length, values = unpack(data.layers.values);
      var all = document.getElementById("figure-similarity-matrix");
      function label(layer) {
        return data.models.names[data.layers.models[layer]] + "/" + names[layer];
      }
      if (all) {
        var sequence = data.layers.order;
        readout(all, function (row, column) {
          var a = sequence[row], b = sequence[column];
          return label(a) + " \u2013 " + label(b) + ": " + show(values[a * count + b]);
        });
      }
      var pair = document.getElementById("figure-layers-of-two-models");
      if (!pair) { return; }
      var svg = pair.querySelector("svg"), space = svg.namespaceURI, selects = [];
      function element(name, attributes, text) {
        var node = document.createElementNS(space, name);
        Object.keys(attributes).forEach(function (key) {
          node.setAttribute(key, attributes[key]);
        });
        if (text !== undefined) { node.textContent = text; }
        return node;
      }
      function short(text, width) {
        return text.length > width
          ? text.slice(0, width - 9) + "\u2026" + text.slice(-8) : text;
      }
      function colour(value) {
        var steps = data.colours.length - 1;
        return data.colours[Math.round(Math.min(Math.max(value, 0), 1) * steps)];
      }
      function layersOf(model) {
        var list = [];
        data.layers.models.forEach(function (owner, layer) {
          if (owner === model) { list.push(layer); }
        });
        return list;
      }
      var keep = ["title", "desc", "defs", "g.key"].map(function (name) {
        return svg.querySelector(name);
      });
      function draw(a, b) {
        var rows = layersOf(a), columns = layersOf(b), x = 210, y = 88;
        var size = Math.min(46, Math.max(3, 560 / Math.max(rows.length, columns.length, 1)));
        var step = Math.max(1, Math.ceil(12 / size)), gap = size > 6 ? 0.6 : 0;
        var width = Math.max(x + columns.length * size + 110, 640);
        var height = y + rows.length * size + 110;
        while (svg.lastChild) { svg.removeChild(svg.lastChild); }
        keep.forEach(function (node) { if (node) { svg.appendChild(node); } });
        svg.setAttribute("viewBox", "0 0 " + width + " " + height);
        svg.style.maxWidth = width + "px";
        svg.appendChild(element("text", { x: x, y: y - 16, "class": "strong" },
          "rows: " + short(data.models.names[a], 40) + " \u00b7 columns: "
          + short(data.models.names[b], 40)));
        rows.forEach(function (layer, row) {
          if (row % step === 0) {
            svg.appendChild(element("text", { x: x - 8, y: y + (row + 0.5) * size + 4,
              "class": "small end" }, short(names[layer], 26)));
          }
          columns.forEach(function (other, column) {
            var value = values[layer * count + other], cell = element("rect", {
              x: x + column * size, y: y + row * size, width: size - gap, height: size - gap,
              fill: isNaN(value) ? "url(#hatch-layers)" : colour(value) });
            cell.appendChild(element("title", {}, names[layer] + " \u2013 " + names[other] + ": "
              + show(value)));
            svg.appendChild(cell);
            if (size >= 30 && !isNaN(value)) {
              svg.appendChild(element("text", { x: x + (column + 0.5) * size,
                y: y + (row + 0.5) * size + 4, "class": "small middle number",
                style: "pointer-events:none;fill:" + (value > 0.6 ? "#111111" : "#ffffff") },
                value.toFixed(2).replace("-", "\u2212")));
            }
          });
        });
        columns.forEach(function (layer, column) {
          if (column % step !== 0) { return; }
          var left = x + (column + 0.5) * size, top = y + rows.length * size + 14;
          svg.appendChild(element("text", { x: left, y: top, "class": "small",
            transform: "rotate(40 " + left + " " + top + ")" }, short(names[layer], 22)));
        });
      }
      pair.querySelectorAll("select").forEach(function (select, place) {
        data.models.names.forEach(function (name, model) {
          if (!layersOf(model).length) { return; }
          var option = document.createElement("option");
          option.value = model;
          option.textContent = short(name, 60);
          select.appendChild(option);
        });
        select.value = data.pair[place];
        select.addEventListener("change", function () {
          draw(Number(selects[0].value), Number(selects[1].value));
        });
        selects.push(select);
      });
      document.documentElement.classList.add("scripted");
    })();
    """#
}
