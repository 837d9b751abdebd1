/// The style sheet of the page.
enum StyleSheet {
  static let text: HTML = """
    :root{color-scheme:light dark;--paper:#ffffff;--ink:#1c2024;--muted:#59616b;--rule:#dfe3e8;\
    --ghost:#c3c9d1;--soft:#f4f6f8;--blank:#e9ecf0;--hatch:#7b8490;--link:#0a5a9c;\
    --warn:#fff4d6;--warnline:#b7791f}
    @media (prefers-color-scheme:dark){:root{--paper:#14171a;--ink:#e6e9ec;--muted:#a3abb5;\
    --rule:#2c3238;--ghost:#4a525b;--soft:#1c2125;--blank:#2a3036;--hatch:#8a939e;\
    --link:#7ab8f0;--warn:#33290f;--warnline:#d9a441}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0;background:var(--paper);color:var(--ink);line-height:1.55;font-size:16px;\
    font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
    main,header,footer{max-width:1040px;margin:0 auto;padding:0 20px}
    header{padding-top:44px}
    h1{font-size:1.9rem;line-height:1.2;margin:0 0 .8rem;letter-spacing:-.01em}
    h2{font-size:1.3rem;margin:3.2rem 0 .6rem;padding-top:1.1rem;border-top:1px solid var(--rule)}
    h3{font-size:1.05rem;margin:2rem 0 .4rem}
    p,li{max-width:46rem}
    a{color:var(--link)}
    .answer{font-size:1.16rem;line-height:1.5;max-width:50rem}
    .answer+.answer{font-size:1.02rem;margin-top:-.3rem}
    .eyebrow,.muted,figcaption,caption{color:var(--muted)}
    .eyebrow{font-size:.9rem;margin:0 0 .4rem}
    nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;padding:0;margin:1.2rem 0 0;list-style:none;\
    font-size:.92rem}
    figure{margin:1.1rem 0 1.6rem}
    figcaption{font-size:.9rem;max-width:50rem;margin-top:.5rem}
    .scroll{overflow-x:auto}
    svg{display:block;width:100%;height:auto}
    svg text{font-size:13px;fill:var(--ink)}
    svg .small{font-size:11.5px}
    svg .muted{fill:var(--muted)}
    svg .strong{font-weight:600}
    svg .end{text-anchor:end}
    svg .middle{text-anchor:middle}
    .number,td.n,th.n{font-variant-numeric:tabular-nums}
    svg .line{stroke:var(--muted);fill:none}
    svg .grid{stroke:var(--rule);fill:none}
    svg .ghost{stroke:var(--ghost);fill:none}
    svg .paper{fill:var(--paper)}
    svg .blank{fill:var(--blank)}
    svg .none{fill:none}
    svg .hatch{stroke:var(--hatch)}
    table{border-collapse:collapse;font-size:.86rem;margin:.4rem 0 .2rem}
    caption{text-align:left;font-size:.9rem;padding-bottom:.3rem}
    th,td{padding:.28rem .65rem .28rem 0;text-align:left;vertical-align:top;\
    border-bottom:1px solid var(--rule);overflow-wrap:anywhere}
    thead th{font-weight:600;border-bottom:1.5px solid var(--muted);overflow-wrap:normal}
    td.n,th.n{text-align:right;white-space:nowrap}
    td.name{min-width:6rem;max-width:22rem}
    details{margin:.6rem 0}
    summary{cursor:pointer;color:var(--link)}
    .warning{background:var(--warn);border-left:4px solid var(--warnline);padding:.7rem 1rem;\
    margin:1.2rem 0;max-width:50rem}
    .warning p{margin:.2rem 0}
    .warning ul{margin:.2rem 0;padding-left:1.2rem}
    code,pre{font-family:ui-monospace,"SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace;\
    font-size:.88em;overflow-wrap:anywhere}
    pre{background:var(--soft);padding:.7rem .9rem;white-space:pre-wrap}
    .controls{display:none;gap:.6rem 1.2rem;flex-wrap:wrap;align-items:center;font-size:.92rem}
    .scripted .controls{display:flex;margin-bottom:1rem}
    select{font:inherit;max-width:20rem;color:var(--ink);background:var(--soft);\
    border:1px solid var(--ghost);padding:.15rem .3rem}
    .legend{display:flex;flex-wrap:wrap;gap:.1rem 1rem;list-style:none;padding:0;margin:.4rem 0;\
    font-size:.86rem;max-width:none}
    .legend svg{display:inline-block;width:14px;height:14px;margin-right:.3rem;vertical-align:-2px}
    .cards{display:grid;gap:1.2rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,30rem),1fr))}\
    .card{border:1px solid var(--rule);border-radius:6px;padding:.2rem 1rem .8rem;min-width:0}
    .card td.name{min-width:0}
    .card h3{margin:.8rem 0 .4rem}
    .card p{font-size:.92rem;margin:.4rem 0}
    .strip{display:flex;gap:.6rem;align-items:center;font-size:.8rem;margin:.4rem 0}
    .strip>span{flex:none;width:2.6rem}
    .strip ul{display:flex;flex-wrap:wrap;gap:.35rem;list-style:none;margin:0;padding:0}
    .strip li{display:flex;flex-direction:column;align-items:center;line-height:1.3}
    svg.thumb{width:44px;height:44px;flex:none}
    svg.sprite{position:absolute;width:0;height:0}
    svg.curve{max-width:380px}
    .readout{min-height:1.5em;font-size:.9rem;color:var(--muted);margin:.2rem 0}
    footer{margin-top:3rem;padding-bottom:3rem;color:var(--muted);font-size:.9rem}
    @media print{nav,.controls,.readout{display:none!important}body{font-size:10.5pt}\
    main,header,footer{max-width:none;padding:0}figure,table,tr{break-inside:avoid}\
    .cards{display:block}.card{break-inside:avoid;margin-bottom:1rem}\
    .scroll{overflow:visible}svg{min-width:0!important}h2,h3{break-after:avoid}}
    """
}
