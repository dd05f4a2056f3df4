// <atlante-mappa src="https://…/embed?layer=…" titolo="…" altezza="640">: a map of Atlante in a page
// of any site. What stands between its tags is shown where scripts do not run.
//
// Attributes: src (address of the map), titolo (title of the frame), altezza (pixels; where the
// column is narrow the height follows the content, unless the attribute `fissa` is there).

const SANDBOX = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-forms";
const LONGEST = 20000;

class AtlanteMappa extends HTMLElement {
  static observedAttributes = ["src", "titolo", "altezza"];
  refused = null;

  connectedCallback() {
    if (this.frame) this.listen();
    else if (addressOf(this.getAttribute("src"))) this.fill();
    else this.refuse(this.getAttribute("src"));
  }

  // Said once for each address: attributes are told of before and after the element is in the page.
  refuse(address) {
    if (address !== this.refused) this.tell("src");
    this.refused = address;
  }

  tell(text) {
    this.dispatchEvent(new CustomEvent("atlante-error", { detail: text, bubbles: true }));
  }

  fill() {
    this.frame = document.createElement("iframe");
    this.frame.setAttribute("sandbox", SANDBOX);
    this.frame.setAttribute("loading", "lazy");
    this.frame.setAttribute("referrerpolicy", "no-referrer");
    this.frame.setAttribute("allow", "clipboard-write");
    this.frame.width = "100%";
    Object.assign(this.style, { display: "block" });
    Object.assign(this.frame.style, { border: "0", display: "block" });
    this.update();
    this.replaceChildren(this.frame);
    this.listen();
  }

  listen() {
    this.heard ??= (event) => this.hear(event); // once, however often it is put in place
    window.addEventListener("message", this.heard);
  }

  disconnectedCallback() {
    window.removeEventListener("message", this.heard);
  }

  attributeChangedCallback() {
    if (this.frame) this.update();
    else if (this.isConnected) this.connectedCallback();
  }

  update() {
    const source = addressOf(this.getAttribute("src"));
    if (!source) this.refuse(this.getAttribute("src"));
    else if (this.frame.src !== source.href) this.frame.src = source.href;
    if (source) this.refused = undefined;
    this.frame.title = this.getAttribute("titolo") ?? "Mappa";
    this.frame.height = this.usual();
  }

  usual() {
    const asked = Number(this.getAttribute("altezza"));
    return String(asked >= 100 && asked <= LONGEST ? asked : 640);
  }

  hear({ source, origin, data }) {
    if (source !== this.frame.contentWindow || origin !== new URL(this.frame.src).origin) return;
    if (data?.type === "atlante:height" && !this.hasAttribute("fissa")) {
      const height = Number(data.height);
      this.frame.height = height > 0 && height <= LONGEST ? String(Math.ceil(height)) : this.usual();
    }
    if (data?.type === "atlante:error") this.tell(String(data.text));
  }
}

function addressOf(text) {
  if (!text) return null;
  try {
    const address = new URL(text, document.baseURI);
    return ["http:", "https:"].includes(address.protocol) ? address : null;
  } catch {
    return null;
  }
}

if (!customElements.get("atlante-mappa")) customElements.define("atlante-mappa", AtlanteMappa);
