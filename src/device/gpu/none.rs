//! The device where there is no browser: it cannot be opened, so it never exists.

use super::Counters;
use super::write::Machine;
use crate::device::{Loaded, Pending};
use crate::plan::{Plan, Tick};

pub enum Gpu {}

impl Gpu {
    pub async fn open() -> Result<Gpu, String> {
        Err("WebGPU runs in a browser alone. The CPU takes over.".to_string())
    }

    pub fn name(&self) -> &str {
        match *self {}
    }

    pub fn is_software(&self) -> bool {
        match *self {}
    }

    pub fn set_machine(&mut self, _machine: Machine) {
        match *self {}
    }

    pub fn trouble(&self) -> Option<String> {
        match *self {}
    }

    pub fn counters(&self) -> Counters {
        match *self {}
    }

    pub async fn load(&mut self, _plan: &Plan) -> Result<Loaded, String> {
        match *self {}
    }

    pub fn unload(&mut self, _loaded: Loaded) {
        match *self {}
    }

    pub fn forget(&mut self, _name: &str) {
        match *self {}
    }

    pub fn write(&mut self, _name: &str, _offset: usize, _numbers: &[f32]) {
        match *self {}
    }

    pub fn write_bytes(&mut self, _name: &str, _offset: usize, _bytes: &[u8]) {
        match *self {}
    }

    pub fn run(&mut self, _loaded: Loaded, _ticks: &[Tick]) {
        match *self {}
    }

    pub async fn read(&mut self, _loaded: Loaded, _output: &str) -> Result<Vec<f32>, String> {
        match *self {}
    }

    pub async fn state(&mut self, _name: &str) -> Result<Vec<f32>, String> {
        match *self {}
    }

    pub fn done(&self) -> std::future::Ready<()> {
        match *self {}
    }

    pub fn fetch(&mut self, _loaded: Loaded, _outputs: &[&str]) -> Pending {
        match *self {}
    }
}
