//! The artist's program, fetched into the engine's worker when a set is to be drawn; `worker::host` calls it.

#[cfg(target_arch = "wasm32")]
mod program {
    use wasm_bindgen::prelude::wasm_bindgen;
    use whisker::data::{Request, cats_dogs};

    /// Draws picture `index` of a seed, size × size × 3 bytes; its class.
    #[wasm_bindgen]
    pub fn draw(seed: u32, index: u32, size: u32, pixels: &mut [u8]) -> u32 {
        let request = Request { seed, size: size as usize, ..Request::default() };
        cats_dogs::fill(&request, index as usize, pixels)
    }
}

fn main() {}
