// The custom element, which JavaScript alone can declare; what it does is in src/widget.rs.
//
// `mount(element)` returns what the element holds while it stands in a page: update(name), play(), pause(), free().

export function declare(name, attributes, mount) {
  if (customElements.get(name)) return;
  customElements.define(
    name,
    class extends HTMLElement {
      static observedAttributes = attributes;
      #held = null;

      connectedCallback() {
        this.#held ??= mount(this);
      }

      // An element that is only moved is back before the next microtask.
      disconnectedCallback() {
        queueMicrotask(() => {
          if (this.isConnected) return;
          this.#held?.free();
          this.#held = null;
        });
      }

      attributeChangedCallback(name, before, after) {
        if (before !== after) this.#held?.update(name);
      }

      play() {
        this.#held?.play();
      }

      pause() {
        this.#held?.pause();
      }
    },
  );
}
