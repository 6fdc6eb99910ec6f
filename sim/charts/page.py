"""The page around the charts: its style and its one small script."""

STYLE = """
:root { --ink: #1f2430; --soft: #5b6472; --rule: #e3e6eb; --paper: #f7f6f2; --accent: #2f5d9b; color-scheme: light; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.55; font-size: 16px;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main, header, footer { max-width: 1080px; margin: 0 auto; padding: 0 28px; overflow-wrap: anywhere; }
header { padding-top: 56px; }
h1, h2 { font-family: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, serif;
  font-weight: 600; line-height: 1.2; }
h1 { font-size: 2.5rem; margin: 0 0 .6rem; letter-spacing: -.01em; }
h2 { font-size: 1.5rem; margin: 0 0 .25rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .3rem; }
p { margin: 0 0 .8rem; max-width: 46em; }
a { color: var(--accent); }
header details { border: 0; padding: 0; margin: 0 0 1rem; font-size: .95rem; color: #3a4250; }
header details p { margin: .6rem 0; }
.kind { text-transform: uppercase; letter-spacing: .09em; font-size: .75rem; color: var(--soft); margin: 0 0 .6rem; }
.about { font-size: 1.1rem; color: #3a4250; }
.caveat { border-left: 3px solid var(--accent); padding-left: 14px; color: var(--soft); }
nav { display: flex; flex-wrap: wrap; column-gap: 1.1em; margin: 1.4rem 0 0; font-size: .9rem; line-height: 2; }
nav a { text-decoration: none; white-space: nowrap; }
nav a:hover, nav a:focus { text-decoration: underline; }
.answers { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 18px; margin: 2rem 0 0; }
.answers > div, section { background: #fff; border: 1px solid var(--rule); border-radius: 10px; }
.answers > div { padding: 20px 22px; }
.answers h3 { margin: 0; font-size: .85rem; font-weight: 500; color: var(--soft); }
.answers .big { font-family: "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, serif; font-size: 2.3rem;
  line-height: 1.15; margin: .25rem 0 .35rem; font-variant-numeric: tabular-nums; }
.answers p { margin: 0; font-size: .95rem; }
section { padding: 26px 28px 20px; margin: 26px 0; }
.based { color: var(--soft); font-size: .88rem; margin-bottom: 1rem; max-width: none; }
.chart { width: 100%; overflow: hidden; }
.read { font-size: .94rem; color: #3a4250; margin: 1rem 0 .6rem; }
.read b { font-weight: 600; }
details { border-top: 1px solid var(--rule); padding-top: 10px; margin-top: 14px; }
summary { cursor: pointer; font-size: .9rem; color: var(--accent); }
.scroll { overflow: auto; max-height: 34rem; margin: 12px 0 6px; border: 1px solid var(--rule); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; font-size: .86rem; line-height: 1.4; }
caption { text-align: left; padding: 9px 12px; color: var(--soft); caption-side: top; }
th, td { text-align: left; vertical-align: top; padding: 6px 12px; border-top: 1px solid var(--rule);
  overflow-wrap: normal; }
th { position: sticky; top: 0; background: #f3f4f6; font-weight: 600; white-space: normal; min-width: 5em; z-index: 1; }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.words { min-width: 7em; max-width: 26em; }
td.long { min-width: 11em; }
td.long:last-child { min-width: 14em; }
td.words:first-child:has(small) { min-width: 13em; }
td.words:first-child small { overflow-wrap: anywhere; }
td small { display: block; color: var(--soft); font-size: .78rem; }
footer { padding-top: 6px; padding-bottom: 60px; color: var(--soft); font-size: .9rem; }
footer dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 18px; margin: 1rem 0; }
footer dt { font-weight: 600; }
footer dd { margin: 0; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .82rem; }
@media (max-width: 640px) {
  main, header, footer { padding-left: 12px; padding-right: 12px; }
  header { padding-top: 30px; }
  h1 { font-size: 1.8rem; }
  h2 { font-size: 1.25rem; }
  .answers { grid-template-columns: minmax(0, 1fr); gap: 12px; }
  section { padding: 18px 12px 14px; margin: 16px 0; border-radius: 8px; }
  footer dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  footer dd { margin-bottom: 8px; }
}
@media print {
  body { background: #fff; }
  nav { display: none; }
  section, .answers > div { break-inside: avoid; border: 0; padding-left: 0; }
  .scroll { max-height: none; overflow: visible; }
}
"""

SCRIPT = """
(function () {
  "use strict";
  var charts = JSON.parse(document.getElementById("charts").textContent);
  var small = window.matchMedia("(max-width: 640px)");
  function draw() {
    Object.keys(charts).forEach(function (name) {
      var place = document.getElementById("chart-" + name);
      var chart = small.matches ? charts[name].narrow : charts[name].wide;
      var copy = JSON.parse(JSON.stringify(chart));
      place.style.height = copy.layout.height + "px";
      Plotly.react(place, copy.data, copy.layout, {
        responsive: false, displaylogo: false, typesetMath: false, showSendToCloud: false, plotlyServerURL: "",
        displayModeBar: small.matches ? false : "hover", modeBarButtons: [["toImage"]], doubleClick: false,
        toImageButtonOptions: { filename: name, scale: 2 }
      });
    });
  }
  draw();
  if (window.ResizeObserver) {
    var watch = new ResizeObserver(function (seen) {
      seen.forEach(function (entry) { Plotly.Plots.resize(entry.target); });
    });
    Object.keys(charts).forEach(function (name) { watch.observe(document.getElementById("chart-" + name)); });
  }
  small.addEventListener("change", draw);
})();
"""
