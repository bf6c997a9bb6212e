"""How the page looks: system fonts, a grid of 4 px, calm in light and dark.

The page never scrolls sideways; what is wide scrolls in its own box.
"""

STYLE = """
:root { color-scheme: light dark;
--paper: #ffffff; --ink: #1f2328; --quiet: #59636e; --code: #f5f6f8; --link: #0550ae;
--line: #d5dae0; --warning: #fff6e0; --error: #ffeeec; --mark: #ffe9a8;
--keyword: #7a3ec8; --string: #0f6034; --number: #0550ae; --name: #0a4b8f; --builtin: #8a3b00;
--red: #b3221c; --green: #0f6034; --yellow: #7a4b00; --blue: #0550ae; --magenta: #8a2be2;
--cyan: #0b5f6b; }
@media (prefers-color-scheme: dark) { :root {
--paper: #16191d; --ink: #e3e7ec; --quiet: #9da7b3; --code: #1e2227; --link: #8cbcff;
--line: #3a424b; --warning: #2e2817; --error: #351f1f; --mark: #574a12;
--keyword: #c9a6ff; --string: #8fd4a4; --number: #8cbcff; --name: #9ecbff; --builtin: #f0b07a;
--red: #ff9d94; --green: #8fd4a4; --yellow: #e8c46b; --blue: #8cbcff; --magenta: #d9b3ff;
--cyan: #7fd6dd; } }
@media (prefers-contrast: more) { :root { --quiet: var(--ink); --line: var(--ink); }
pre { border: 1px solid var(--line); } }
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); overflow-x: clip;
-webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans",
sans-serif; overflow-wrap: anywhere; }
main { overflow-x: clip; max-width: 880px; margin: 0 auto; padding: 24px 16px 64px; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; margin: 24px 0 8px; text-wrap: balance; }
h1 { font-size: 28px; margin: 0 0 24px; } h2 { font-size: 24px; } h3 { font-size: 20px; }
h4 { font-size: 18px; } h5, h6 { font-size: 16px; }
p, ul, ol, dl, blockquote, figure, .scroll { margin: 0 0 12px; }
ul, ol { padding-inline-start: 24px; } dd { margin-inline-start: 24px; }
blockquote { padding-inline-start: 16px; border-inline-start: 4px solid var(--line); }
hr { border: 0; border-top: 1px solid var(--line); margin: 24px 0; }
a { color: var(--link); text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.cell { margin: 0 0 20px; scroll-margin-top: 16px; }
.cell > div { scroll-margin-top: 16px; }
.cell > div > :first-child { margin-top: 0; } .cell > div > :last-child { margin-bottom: 0; }
.cell:target, .cell:has(> :target) { box-shadow: -12px 0 0 -8px var(--link); }
.prompt { margin: 0 0 4px; font: 12px/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas,
"DejaVu Sans Mono", monospace; color: var(--quiet); }
pre, code, kbd, samp, tt { font: 14px/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas,
"DejaVu Sans Mono", monospace; }
code, kbd, samp { background: var(--code); border-radius: 4px; padding: 0 4px; font-size: 0.875em; }
pre { margin: 0 0 12px; overflow-x: auto; overflow-wrap: normal; tab-size: 4; }
pre code { background: none; padding: 0; font-size: inherit; }
pre.code { background: var(--code); border-radius: 4px; padding: 8px 12px; }
.outputs { display: flow-root; margin-top: 8px; padding-inline: 12px; }
.outputs > :last-child { margin-bottom: 0; }
.outputs pre { font-size: 13px; }
.printed { max-height: 640px; overflow: auto; }
.warning, .error { margin-inline: -12px; padding: 8px 12px; border-radius: 4px; }
.warning { background: var(--warning); } .error { background: var(--error); }
.note { color: var(--quiet); font-style: italic; }
.scroll { overflow-x: auto; }
:is(p, h2, h3, h4, h5, h6):has(> math) { overflow: auto hidden; padding-block: 2px; }
table { border-collapse: collapse; font-size: 14px; overflow-wrap: normal;
font-variant-numeric: tabular-nums; }
caption { text-align: start; color: var(--quiet); padding-bottom: 4px; }
th, td { padding: 4px 12px; text-align: start; vertical-align: top; }
:is(th, td):first-child { padding-inline-start: 4px; }
.html :is(th, td) { white-space: nowrap; text-align: end; }
thead { border-bottom: 1px solid var(--line); }
tbody tr:nth-child(even) { background: var(--code); }
img { max-width: 100%; height: auto; background: #ffffff; color: #1f2328; border-radius: 4px; }
math { font-size: 1.1em; } math[display="block"] { margin: 4px 0; }
mtd[columnalign="left"] { text-align: -webkit-left; }
mtd[columnalign="right"] { text-align: -webkit-right; }
code.formula, pre.formula { color: var(--quiet); white-space: pre-wrap; }
.k { color: var(--keyword); } .s { color: var(--string); } .m { color: var(--number); }
.f { color: var(--name); } .b { color: var(--builtin); }
.c { color: var(--quiet); font-style: italic; }
.bold { font-weight: 700; } .mark { background: var(--mark); }
.ansi0, .ansi7 { color: inherit; } .ansi1 { color: var(--red); } .ansi2 { color: var(--green); }
.ansi3 { color: var(--yellow); } .ansi4 { color: var(--blue); } .ansi5 { color: var(--magenta); }
.ansi6 { color: var(--cyan); }
@media (max-width: 480px) { main { padding: 12px 8px 32px; } h1 { font-size: 22px; }
h2 { font-size: 20px; } h3 { font-size: 18px; } pre, pre.code { font-size: 13px; }
.outputs { padding-inline: 4px; } .warning, .error { margin-inline: -4px; padding: 8px; }
pre.code { padding: 8px; } th, td { padding: 4px 8px; } }
@media (forced-colors: active) { pre.code, .warning, .error { border: 1px solid; }
.cell:target { outline: 2px solid; } }
@media print { :root { --code: #f5f6f8; } main { max-width: none; padding: 0; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; } .printed { max-height: none; }
.cell { break-inside: auto; } img, tr { break-inside: avoid; } h2, h3, h4 { break-after: avoid; } }
"""
