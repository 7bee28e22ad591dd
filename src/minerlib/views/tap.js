// The live picture of a tap. Keeps the newest frame and draws it on the next animation frame; whatever an event
// says is put into the page as text, never as markup. Needs nothing from a network.

const COLOURS = ["#2a86c7", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a8f98"];
const SPAN = 60;       // seconds drawn
const SILENT = 5000;   // ms without a frame until the kernel counts as silent

function element(parent, tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

function short(value) {
  const size = Math.abs(value);
  for (const [unit, many] of [["T", 1e12], ["G", 1e9], ["M", 1e6], ["k", 1e4]]) {
    if (size >= many) return Number((value / (unit === "k" ? 1e3 : many)).toPrecision(3)) + " " + unit;
  }
  return String(Number(value.toPrecision(4)));
}

function perSecond(rate) {
  return short(Number(rate.toFixed(rate < 10 ? 1 : 0))) + "/s";
}

// A canvas at the resolution of the screen, cleared, with its size in CSS pixels.
function paper(canvas) {
  const width = canvas.clientWidth, height = canvas.clientHeight, ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
}

// The next number with one digit that is not zero.
function round(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 3, 4, 5, 6, 8, 10].map((n) => n * power).find((n) => n >= value);
}

function colourOf(kinds, kind) {
  const at = kinds.indexOf(kind);
  return COLOURS[at < 0 || kind === "others" ? 6 : at % 7];
}

function drawRates(canvas, frame, look) {
  const { pen, width, height } = paper(canvas);
  const left = 44, bottom = 16, top = 6, high = height - bottom - top, step = (width - left) / SPAN;
  const full = frame.bars.filter((bar) => bar[0] >= 0 && bar[0] < SPAN);
  const most = round(Math.max(4, ...full.map((bar) => bar.slice(1).reduce((a, b) => a + b, 0))));
  pen.font = "11px " + look.font;
  pen.fillStyle = look.dim;
  pen.strokeStyle = look.line;
  pen.lineWidth = 1;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const part of [0, 0.5, 1]) {
    const y = Math.round(top + high * (1 - part)) + 0.5;
    pen.beginPath();
    pen.moveTo(left, y);
    pen.lineTo(width, y);
    pen.stroke();
    pen.fillText(short(most * part), left - 6, y);
  }
  pen.textBaseline = "alphabetic";
  pen.textAlign = "left";
  pen.fillText("60 s ago", left, height - 2);
  pen.textAlign = "right";
  pen.fillText("now", width, height - 2);
  for (const [ago, ...counts] of full) {
    let y = top + high;
    counts.forEach((count, at) => {
      if (!count) return;
      const tall = (count / most) * high;
      pen.fillStyle = colourOf(frame.kinds, frame.kinds[at]);
      pen.fillRect(width - (ago + 1) * step + 1, y - tall, Math.max(1, step - 2), tall);
      y -= tall;
    });
  }
}

function drawLine(canvas, line, colour, look) {
  const { pen, width, height } = paper(canvas);
  const values = line.points.map((point) => point[1]);
  let low = Math.min(...values), high = Math.max(...values);
  const room = Math.max(high - low, Math.abs(high) * 0.02, 1e-9);
  const middle = (low + high) / 2;
  low = middle - room / 2;
  const x = (ago) => width - 3 - (ago / SPAN) * (width - 3), y = (value) => height - 3 - ((value - low) / room) * (height - 6);
  pen.strokeStyle = look.line;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(0, height - 0.5);
  pen.lineTo(width, height - 0.5);
  pen.stroke();
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = 1.5;
  pen.lineJoin = "round";
  pen.beginPath();
  line.points.forEach(([ago, value], at) => (at ? pen.lineTo(x(ago), y(value)) : pen.moveTo(x(ago), y(value))));
  pen.stroke();
  const last = line.points[line.points.length - 1];
  if (last) {
    pen.beginPath();
    pen.arc(x(last[0]), y(last[1]), 2.2, 0, 7);
    pen.fill();
  }
}

function fillRow(row, [, time, source, kind, cells]) {
  for (const text of [time, source, kind]) element(row, "td", "", text).title = text;
  const body = element(row, "td");
  for (const [name, text] of cells) {
    const span = element(body, "span");
    if (name) element(span, "i", "", name);
    span.append(text);
  }
  body.title = cells.map(([name, text]) => (name ? name + ": " + text : text)).join("\n");
}

function render({ model, el }) {
  const root = element(el, "div", "minerlib-tap");
  const header = element(root, "header");
  element(header, "span", "dot");
  const pattern = element(header, "span", "pattern");
  const state = element(header, "span", "state");
  const close = element(header, "button", "", "Close");
  close.title = "Stop looking; the last picture stays";
  close.onclick = () => model.send({ what: "close" });
  const rates = element(root, "div", "rates");
  const legend = element(rates, "div", "legend");
  const chart = element(rates, "canvas");
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", "Events a second by kind, last minute");
  const lines = element(root, "div", "lines");
  const box = element(root, "div", "rows");
  box.tabIndex = 0;
  const table = element(box, "table");
  const head = element(element(table, "thead"), "tr");
  for (const name of ["time (UTC)", "source", "kind", "what it says"]) element(head, "th", "", name);
  const rows = element(table, "tbody");
  const nothing = element(box, "div", "nothing", "Nothing yet.");
  const footer = element(root, "footer");
  const told = {};
  for (const [name, title] of [
    ["received", "Events taken from the broker"],
    ["shown", "Events that had a row in the table; of a flood the others are only counted in the chart"],
    ["dropped", "Events that came too fast: a tap may lose, so that looking never slows the bus"],
  ]) {
    const part = element(footer, "span", "", name + " ");
    part.title = title;
    told[name] = element(part, "b");
  }
  const note = element(footer, "span");
  let wanted = 0, drawn = 0, heard = Date.now();

  function drawLegend(frame) {
    const rate = (at) => {
      const span = frame.bars.filter((bar) => bar[0] > 0 && bar[0] <= 10);
      const whole = span.filter((bar) => bar !== frame.bars[0]);  // the first second was not seen from its beginning
      const seconds = Math.max(1, ...whole.map((bar) => bar[0]));
      return (whole.length ? whole : frame.bars).reduce((sum, bar) => sum + (bar[at + 1] || 0), 0) / seconds;
    };
    frame.kinds.forEach((kind, at) => {
      const entry = legend.children[at] || element(legend, "span");
      if (!entry.firstChild) {
        element(entry, "i").style.background = colourOf(frame.kinds, kind);
        element(entry, "span");
        element(entry, "b");
      }
      entry.children[1].textContent = kind;
      entry.children[2].textContent = perSecond(rate(at));
    });
  }

  function drawLines(frame, look) {
    frame.lines.forEach((line, at) => {
      let cell = lines.children[at];
      if (!cell) {
        cell = element(lines, "div");
        const top = element(cell, "p");
        element(top, "span");
        element(top, "b");
        element(cell, "small");
        element(cell, "canvas");
      }
      const last = line.points[line.points.length - 1];
      cell.title = line.kind + " · " + line.field + " · " + line.instance;
      cell.children[0].children[0].textContent = line.field;
      cell.children[0].children[1].textContent = last ? short(last[1]) : "–";
      cell.children[1].textContent = line.kind + " · " + line.instance;
      drawLine(cell.children[2], line, colourOf(frame.kinds, line.kind), look);
    });
  }

  function drawRows(frame) {
    const known = rows.firstChild ? Number(rows.firstChild.dataset.number) : 0;
    const fresh = frame.rows.filter((row) => row[0] > known).map((row) => {
      const made = document.createElement("tr");
      made.dataset.number = row[0];
      fillRow(made, row);
      return made;
    });
    const still = box.scrollTop;
    rows.prepend(...fresh);
    while (rows.children.length > frame.rows.length) rows.lastChild.remove();
    if (still > 4 && fresh.length) box.scrollTop = still + fresh.reduce((sum, row) => sum + row.offsetHeight, 0);
    nothing.hidden = rows.children.length > 0;
  }

  function draw() {
    wanted = 0;
    const frame = model.get("picture");
    if (!frame.counts) return;
    const style = getComputedStyle(root);
    const look = { font: style.fontFamily, dim: style.getPropertyValue("--dim"), line: style.getPropertyValue("--line") };
    const ended = frame.state === "closed" || frame.state === "refused";
    root.dataset.state = frame.state;
    pattern.textContent = frame.pattern === "#" ? "everything" : frame.pattern;
    const where = frame.exchange === "events" ? "" : "on " + frame.exchange + " · ";
    state.textContent = where + frame.state + (frame.said ? " · " + frame.said : "");
    close.disabled = ended;
    nothing.textContent = ended ? "Nothing was seen." : "Nothing yet: what matches " + frame.pattern + " appears here.";
    drawLegend(frame);
    drawRates(chart, frame, look);
    drawLines(frame, look);
    drawRows(frame);
    for (const name in told) told[name].textContent = frame.counts[name].toLocaleString("en");
    told.dropped.className = frame.counts.dropped ? "worse" : "";
    const parts = [];
    if (frame.counts.overflowing) parts.push("more is dropped at the broker");
    if (frame.more > 0) parts.push(frame.more.toLocaleString("en") + " lines more");
    note.textContent = parts.join(" · ");
    drawn += 1;
    root.dataset.frames = drawn;
  }

  function want() {
    heard = Date.now();
    if (!wanted) wanted = requestAnimationFrame(draw);
  }

  const watch = setInterval(() => {
    const now = model.get("picture").state;
    if (Date.now() - heard > SILENT && (now === "live" || now === "reconnecting")) {
      root.dataset.state = "silent";
      state.textContent = "no news from the kernel: is it still running?";
    }
  }, 1000);
  const resized = new ResizeObserver(() => { if (!wanted) wanted = requestAnimationFrame(draw); });
  resized.observe(root);
  model.on("change:picture", want);
  want();
  return () => {
    clearInterval(watch);
    resized.disconnect();
    cancelAnimationFrame(wanted);
    model.off("change:picture", want);
  };
}

export default { render };
