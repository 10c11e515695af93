/**
 * How a page looks, light and dark. The colours of the lines are Okabe and Ito's, which people with any kind of
 * colour vision can tell apart; in the dark they are lighter.
 */
export const pageStyle = `
:root{color-scheme:light dark;--ink:#1b1d21;--soft:#5b616b;--paper:#fff;--card:#f6f7f9;--rule:#dfe2e7;--bad:#b3261e;--good:#0b6b4f;
--c0:#6b7280;--c1:#b35c00;--c2:#0072b2;--c3:#00805c;--c4:#a2397b;--c5:#8a6d00;--c6:#3d4fa8;--c7:#7a3b1e}
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a3a9b4;--paper:#14161a;--card:#1d2026;--rule:#343943;--bad:#ff8a80;--good:#6fd6ae;
--c0:#a3a9b4;--c1:#f5a04a;--c2:#5ab4f0;--c3:#3fd0a0;--c4:#e48fc4;--c5:#e3c94a;--c6:#9aa8ff;--c7:#d79a7a}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;max-width:62rem;margin:0 auto;padding:1.5rem 1rem 4rem;color:var(--ink);background:var(--paper);overflow-wrap:anywhere}
h1{font-size:1.7rem;line-height:1.2;margin:.5rem 0}h2{font-size:1.35rem;margin:3rem 0 .25rem;padding-top:1.5rem;border-top:1px solid var(--rule)}h3{font-size:1.05rem;margin:0}
p{margin:.25rem 0;max-width:46rem}.about,figcaption p{color:var(--soft);font-size:.9rem}
.wide{overflow-x:auto}.headline{font-size:1.15rem;margin:.75rem 0}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.9rem;margin:.5rem 0}
th,td{padding:.4rem .6rem;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap;overflow-wrap:normal}
th{font-weight:600;color:var(--soft)}th:first-child,td:first-child{text-align:left}td.text{white-space:normal;text-align:left;min-width:9rem}
.bad{color:var(--bad);font-weight:600}.good{color:var(--good)}
figure{margin:1.75rem 0;padding:1rem;background:var(--card);border-radius:.5rem}
.chart{display:block;width:100%;height:auto;font-size:12px;fill:var(--soft)}.narrow{display:none}
.grid{stroke:var(--rule)}.axis{stroke:var(--soft)}.ideal{stroke:var(--soft);stroke-dasharray:4 4;stroke-width:1.5;fill:none}
.line{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round}g{fill:currentColor}
.s0{color:var(--c0)}.s1{color:var(--c1)}.s2{color:var(--c2)}.s3{color:var(--c3)}.s4{color:var(--c4)}.s5{color:var(--c5)}.s6{color:var(--c6)}.s7{color:var(--c7)}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:.5rem 0 0;padding:0;font-size:.9rem}.legend li{display:flex;align-items:center;gap:.4rem}
.sample{width:1.7rem;height:.7rem;fill:currentColor;flex:none}
.bars{display:grid;grid-template-columns:minmax(6rem,auto) 1fr;gap:.5rem .75rem;align-items:center;margin:.75rem 0;font-size:.9rem}
.track{display:flex;align-items:center;gap:.5rem;min-width:0}.bar{height:1.3rem;border-radius:.2rem;background:currentColor;flex:none;width:calc((100% - 9rem)*var(--share));min-width:2px}.value{color:var(--ink);white-space:nowrap}
.stack{display:flex;width:100%;height:1.3rem;border-radius:.2rem;overflow:hidden;background:var(--rule)}.stack span{height:100%;background:currentColor;border-right:1px solid var(--card)}
.swatch{width:.8rem;height:.8rem;border-radius:.15rem;background:currentColor;flex:none}
details{margin:1rem 0}summary{cursor:pointer;font-weight:600}code{font-size:.85em}
@media(max-width:40rem){.broad{display:none}.narrow{display:block}figure{padding:.75rem}th,td{padding:.35rem .45rem}.bars{grid-template-columns:1fr;gap:.15rem}.bars>div{margin-bottom:.4rem}}
@media print{figure{break-inside:avoid}}`;
