// Texts of the map in both languages; the page says which one in `<html lang>`.

const TEXTS = {
  it: {
    layers: "Che cosa mostrare", category: "Quale cifra", on_top: "Sopra la mappa",
    demonstration: "dati dimostrativi", values: "Valori", close: "Chiudi i valori",
    loading: "La mappa si sta caricando…",
    failed: "La mappa non si può caricare. Riprova fra poco; i valori sono nella tabella.",
    no_webgl: "Questo browser non può disegnare la mappa. I valori sono nella tabella.",
    sandboxed: "Il sito che contiene questo riquadro non permette di disegnare la mappa. I valori sono nella tabella.",
    partial: "Alcune parti della mappa non si sono caricate. Sposta la mappa o ricarica la pagina.",
    map: "Mappa della provincia: con le frecce ti sposti fra le aree, con P passi ai punti e ritorni, con Invio leggi i valori",
    nothing: "Qui non c'è altro da raggiungere", hexagon: "Esagono", near: "presso",
    unreliable: "affidabilità bassa: poche persone spostano molto il valore",
    unreliable_row: "Affidabilità bassa (puntinato)",
    synthetic: {
      all: "Dati dimostrativi: inventati, non descrivono persone o luoghi reali.",
      some: "Una parte di questi dati è inventata a scopo dimostrativo.",
    },
    elsewhere: "I valori di questa mappa in tabella:", yes: "sì", no: "no",
  },
  en: {
    layers: "What to show", category: "Which figure", on_top: "On top of the map",
    demonstration: "demonstration data", values: "Values", close: "Close the values",
    loading: "The map is loading…",
    failed: "The map cannot be loaded. Try again shortly; the values are in the table.",
    no_webgl: "This browser cannot draw the map. The values are in the table.",
    sandboxed: "The site around this frame does not let the map be drawn. The values are in the table.",
    partial: "Parts of the map did not load. Move the map or reload the page.",
    map: "Map of the province: arrow keys move between areas, P goes to the points and back, Enter reads the values",
    nothing: "Nothing more to reach here", hexagon: "Hexagon", near: "near",
    unreliable: "low reliability: a few persons move the value a lot",
    unreliable_row: "Low reliability (stippled)",
    synthetic: {
      all: "Demonstration data: invented, they describe no real person or place.",
      some: "Some of these data are invented for demonstration.",
    },
    elsewhere: "The values of this map as a table:", yes: "yes", no: "no",
  },
};

export const lang = document.documentElement.lang === "en" ? "en" : "it";
export const say = TEXTS[lang];

// MapLibre's own texts; those it does not use here are left out.
export const locale = lang === "en" ? {} : {
  "Map.Title": "Mappa",
  "NavigationControl.ZoomIn": "Ingrandisci",
  "NavigationControl.ZoomOut": "Riduci",
  "ScaleControl.Meters": "m",
  "ScaleControl.Kilometers": "km",
  "CooperativeGesturesHandler.WindowsHelpText": "Usa Ctrl e la rotella per ingrandire la mappa",
  "CooperativeGesturesHandler.MacHelpText": "Usa ⌘ e la rotella per ingrandire la mappa",
  "CooperativeGesturesHandler.MobileHelpText": "Usa due dita per muovere la mappa",
};
