//! How the page looks. Colors are variables, so that the drawings follow the reader's light or
//! dark.

/// The style sheet.
pub const STYLE: &str = "\
:root {
  color-scheme: light dark;
  --page: #fbfaf8; --panel: #ffffff; --ink: #1d2129; --soft: #5c6370; --line: #e2e0da; --hover: #f3f1ec;
  --good: #157347; --bad: #b3261e; --good-tint: #e3f3ea; --bad-tint: #fbe7e5;
  --listing: #8a93a3; --queued: #d99a1c; --matched: #8457c9; --starting: #3a8fd0; --running: #1f9d63; --settling: #0f7f8f;
  --ours: #1f9d63; --theirs: #b9b6ae;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14161a; --panel: #1b1e24; --ink: #e6e8ec; --soft: #9aa2af; --line: #2e333c; --hover: #23272f;
    --good: #63d296; --bad: #ff8a80; --good-tint: #17301f; --bad-tint: #3a1d1b;
    --listing: #78828f; --queued: #e2ac3f; --matched: #a583e6; --starting: #58a9e6; --running: #37b97b; --settling: #2fa5b5;
    --ours: #37b97b; --theirs: #565b65;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .6rem; letter-spacing: -.02em; text-wrap: balance; }
h2 { font-size: 1.2rem; margin: 0 0 .2rem; }
header p, section > p { color: var(--soft); margin: 0 0 1rem; max-width: 72ch; }
header .verdict { display: inline-block; margin: 0; padding: .25rem .8rem; border-radius: 999px; font-weight: 600; }
.good { color: var(--good); background: var(--good-tint); }
.bad { color: var(--bad); background: var(--bad-tint); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: .75rem; margin: 1.75rem 0; }
.tiles div { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: .7rem .9rem; }
.tiles dt { color: var(--soft); font-size: .82rem; }
.tiles dd { margin: .1rem 0 0; font-size: 1.08rem; font-weight: 600; font-variant-numeric: tabular-nums; }
section { background: var(--panel); border: 1px solid var(--line); border-radius: 12px; padding: 1.25rem; margin: 0 0 1rem; }
.wide { overflow-x: auto; margin-top: .5rem; }
svg { display: block; width: 100%; min-width: 640px; height: auto; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
svg text.soft { fill: var(--soft); }
svg .grid { stroke: var(--line); }
svg .lane { fill: var(--hover); }
.listing { fill: var(--listing); background: var(--listing); }
.queued { fill: var(--queued); background: var(--queued); }
.matched { fill: var(--matched); background: var(--matched); }
.starting { fill: var(--starting); background: var(--starting); }
.running { fill: var(--running); background: var(--running); }
.settling { fill: var(--settling); background: var(--settling); }
.ours { fill: var(--ours); background: var(--ours); }
.theirs { fill: var(--theirs); background: var(--theirs); }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; list-style: none; margin: 0 0 .5rem; padding: 0; font-size: .88rem; }
.legend i { display: inline-block; width: .8em; height: .8em; border-radius: 3px; margin-right: .45em; vertical-align: -.05em; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
caption { text-align: left; color: var(--soft); padding: 0 0 .35rem; }
th, td { padding: .34rem .6rem; text-align: right; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 500; }
th:first-child, .text { text-align: left; }
tbody tr:last-child > * { border-bottom: 0; }
tbody tr:hover { background: var(--hover); }
.checks { list-style: none; margin: 0; padding: 0; font-size: .92rem; }
.checks li { display: flex; gap: .6rem; padding: .3rem 0; border-bottom: 1px solid var(--line); }
.checks b { flex: none; }
.checks .yes b { color: var(--good); }
.checks .no b { color: var(--bad); }
.checks small { color: var(--soft); font-size: .86rem; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: 0; font-size: .92rem; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
code { font: .86em ui-monospace, 'Cascadia Mono', Menlo, monospace; }
@media (max-width: 560px) { .facts { grid-template-columns: 1fr; } .facts dd { margin-bottom: .4rem; } }
@media print { section { break-inside: avoid; } }
";
