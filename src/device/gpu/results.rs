//! Numbers on their way back from the graphics card: copied into a staging buffer in order, read when it is mapped.

use super::bridge::settle;
use super::machine::{Gpu, Home};
use crate::device::{Loaded, Pending};
use wgpu::BufferUsages;

impl Gpu {
    pub async fn read(&mut self, loaded: Loaded, output: &str) -> Result<Vec<f32>, String> {
        let mut results = self.fetch(loaded, &[output]).await?;
        Ok(results.pop().unwrap_or_default())
    }

    /// None if there is no such state.
    pub async fn state(&mut self, name: &str) -> Result<Vec<f32>, String> {
        let piece = self.shared.get(name).map(|shared| (shared.buffer.clone(), 0, shared.bytes));
        let mut results = self.copy(piece.as_slice()).await?;
        Ok(results.pop().unwrap_or_default())
    }

    /// The numbers of outputs, or of shared state, after all that was run before, to be awaited while more is run.
    pub fn fetch(&mut self, loaded: Loaded, outputs: &[&str]) -> Pending {
        let Some(Some(resident)) = self.plans.get(loaded.0) else {
            return Box::pin(std::future::ready(Err("A plan was read that is not loaded.".to_string())));
        };
        let mut pieces = Vec::with_capacity(outputs.len());
        for output in outputs {
            let region = resident.outputs.iter().find(|(name, _)| name == output).map(|(_, region)| region);
            pieces.push(match (region, self.shared.get(*output)) {
                (Some(region), _) => {
                    let (buffer, start) = match &resident.homes[region.place] {
                        Home::Own(buffer) => (buffer, 0),
                        Home::Shared(name) => (&self.shared[name].buffer, 0),
                        Home::Small(start) => (&resident.small, *start),
                    };
                    (buffer.clone(), (start + region.offset) * 4, region.count * 4)
                }
                (None, Some(shared)) => (shared.buffer.clone(), 0, shared.bytes),
                (None, None) => {
                    let why = format!("The plan has no output called {output}.");
                    return Box::pin(std::future::ready(Err(why)));
                }
            });
        }
        self.copy(&pieces)
    }

    /// Copies (buffer, offset, length) in bytes into a staging buffer, and gives the numbers once it is mapped.
    fn copy(&mut self, pieces: &[(wgpu::Buffer, usize, usize)]) -> Pending {
        if let Some(trouble) = self.trouble() {
            return Box::pin(std::future::ready(Err(trouble)));
        }
        let total: usize = pieces.iter().map(|(_, _, length)| length).sum();
        let free = self.staging.borrow().iter().position(|buffer| buffer.size() as usize >= total);
        let staging = match free {
            Some(free) => self.staging.borrow_mut().swap_remove(free),
            None => self.buffer(
                "results",
                total.next_power_of_two().max(1024),
                BufferUsages::MAP_READ | BufferUsages::COPY_DST,
            ),
        };
        let encoder = self.encoder();
        let mut at = 0;
        let mut lengths = Vec::with_capacity(pieces.len());
        for (buffer, offset, length) in pieces {
            if *length > 0 {
                encoder.copy((buffer, *offset), (&staging, at), *length);
            }
            at += length;
            lengths.push(length / 4);
        }
        self.submit(encoder);
        let (tell, told) = futures_channel::oneshot::channel();
        let range = ..total.max(4) as u64;
        staging.map_async(wgpu::MapMode::Read, range, move |result| {
            let _ = tell.send(result.is_ok());
        });
        let device = self.device.clone();
        let (pool, trouble) = (self.staging.clone(), self.trouble.clone());
        Box::pin(async move {
            settle(&device);
            let mapped = told.await.unwrap_or(false);
            if let Some(trouble) = trouble.lock().map_or(None, |noted| noted.clone()) {
                return Err(trouble);
            }
            if !mapped {
                return Err(
                    "The graphics card did not hand its results over. Start again, or go on with the CPU.".to_string()
                );
            }
            let view = staging
                .get_mapped_range(range)
                .map_err(|_| "The results cannot be read. Start again, or go on with the CPU.")?;
            let mut rest: &[u8] = &view;
            let mut results = Vec::with_capacity(lengths.len());
            for count in lengths {
                let (head, tail) = rest.split_at(count * 4);
                results.push(bytemuck::pod_collect_to_vec(head));
                rest = tail;
            }
            drop(view);
            staging.unmap();
            pool.borrow_mut().push(staging);
            Ok(results)
        })
    }
}
