// Texts of the map in both languages; the page says which one in `<html lang>`.

const TEXTS = {
  it: {
    found: "Luoghi trovati", not_found: "Nessun luogo con questo nome. Prova il solo nome della via o del comune.",
    instead: "Nessun luogo con questo nome. Il comune invece c’è:",
    cut: "Sono i primi trovati: aggiungi il comune per trovarne altri.",
    nearest: "Le sedi più vicine", hours: "Orari", no_hours: "non indicati", services: "Servizi",
    steps: "Ingresso con gradini", no_steps: "Ingresso senza gradini",
    offline: "Non c'è rete: la mappa mostra ciò che ha già; la tabella è completa.",
    values: "Valori", close: "Chiudi i valori",
    loading: "La mappa si sta caricando; intanto c'è il disegno.",
    late: "La mappa non è ancora arrivata: il disegno e la tabella dicono le stesse cose.",
    failed: "La mappa che si muove non si può caricare ora. Il disegno e la tabella dicono le stesse cose.",
    unchanged: "La scelta non si è potuta mostrare: la rete non risponde. Resta quella di prima.",
    no_places: "L'elenco dei luoghi non è arrivato. Riprova fra poco.",
    table_of: "Frasi, legenda e opportunità sono della provincia intera; tabella e sedi vicine di", sheet: "Scheda del comune",
    more: "Tutti gli altri valori", page: "Tutto su questa voce",
    no_webgl: "Questo browser non può disegnare la mappa. I valori sono nella tabella.",
    sandboxed: "Il sito che contiene questo riquadro non permette di disegnare la mappa. I valori sono nella tabella.",
    partial: "Alcune parti della mappa non si sono caricate. Sposta la mappa o ricarica la pagina.",
    map: "Mappa della provincia: con le frecce ti sposti fra le aree, con Inizio e Fine vai al valore più alto e più basso, con P passi ai punti e ritorni, con Invio leggi i valori",
    nothing: "Qui non c'è altro da raggiungere", hexagon: "Esagono", near: "presso",
    unreliable: "affidabilità bassa: poche persone spostano molto il valore",
    synthetic: {
      all: "Dati dimostrativi: inventati, non descrivono persone o luoghi reali.",
      some: "Una parte di questi dati è inventata a scopo dimostrativo.",
    },
    yes: "sì", no: "no",
  },
  en: {
    found: "Places found", not_found: "No place of this name. Try the name of the street or municipality alone.",
    instead: "No place of this name. The municipality is there:",
    cut: "These are the first: add the municipality to find others.",
    nearest: "The nearest offices", hours: "Hours", no_hours: "not stated", services: "Services",
    steps: "Steps at the entrance", no_steps: "No steps at the entrance",
    offline: "There is no network: the map shows what it has; the table is complete.",
    values: "Values", close: "Close the values",
    loading: "The map is loading; meanwhile there is the picture.",
    late: "The map has not arrived yet: the picture and the table say the same.",
    failed: "The moving map cannot be loaded now. The picture and the table say the same.",
    unchanged: "The choice could not be shown: the network does not answer. The former one stays.",
    no_places: "The list of places did not arrive. Try again shortly.",
    table_of: "Sentences, legend and opportunities are of the whole province; table and nearest offices of", sheet: "Sheet of the municipality",
    more: "All the other values", page: "All about this",
    no_webgl: "This browser cannot draw the map. The values are in the table.",
    sandboxed: "The site around this frame does not let the map be drawn. The values are in the table.",
    partial: "Parts of the map did not load. Move the map or reload the page.",
    map: "Map of the province: arrow keys move between areas, Home and End go to the highest and lowest value, P goes to the points and back, Enter reads the values",
    nothing: "Nothing more to reach here", hexagon: "Hexagon", near: "near",
    unreliable: "low reliability: a few persons move the value a lot",
    synthetic: {
      all: "Demonstration data: invented, they describe no real person or place.",
      some: "Some of these data are invented for demonstration.",
    },
    yes: "yes", no: "no",
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
