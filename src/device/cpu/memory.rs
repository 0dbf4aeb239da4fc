//! The numbers that plans work on: one cell for each place, shared by name where a place has one.

use crate::plan::{Holds, Place, Plan, Region};

/// Numbers behind the end of every cell, so that a kernel may read eight where fewer are left.
pub const SLACK: usize = 8;

/// One buffer.
#[derive(Default)]
pub struct Cell {
    /// `count` numbers and [`SLACK`].
    pub numbers: Vec<f32>,
    pub bytes: Vec<u8>,
    pub count: usize,
    name: Option<String>,
    /// Loaded plans that use it.
    users: usize,
}

/// All cells of a device.
#[derive(Default)]
pub struct Memory {
    pub cells: Vec<Cell>,
}

impl Memory {
    pub fn region(&self, region: Region) -> &[f32] {
        &self.cells[region.place].numbers[region.offset..region.offset + region.count]
    }

    /// A region and [`SLACK`] numbers of no meaning behind it.
    pub fn region_and_slack(&self, region: Region) -> &[f32] {
        &self.cells[region.place].numbers[region.offset..region.offset + region.count + SLACK]
    }

    pub fn region_mut(&mut self, region: Region) -> &mut [f32] {
        &mut self.cells[region.place].numbers[region.offset..region.offset + region.count]
    }

    pub fn find(&self, name: &str) -> Option<usize> {
        self.cells.iter().position(|cell| cell.name.as_deref() == Some(name))
    }

    /// A cell for each place of the plan.
    #[inline]
    pub fn enter(&mut self, plan: &Plan) -> Result<Vec<usize>, String> {
        let mut cells = Vec::with_capacity(plan.places.len());
        for place in &plan.places {
            match self.cell_for(place) {
                Ok(cell) => {
                    self.cells[cell].users += 1;
                    cells.push(cell);
                }
                Err(message) => {
                    self.leave(&cells);
                    return Err(message);
                }
            }
        }
        Ok(cells)
    }

    /// Gives up a plan's cells; those with a name stay.
    #[inline]
    pub fn leave(&mut self, cells: &[usize]) {
        for &cell in cells {
            let cell = &mut self.cells[cell];
            cell.users -= 1;
            if cell.users == 0 && cell.name.is_none() {
                *cell = Cell::default();
            }
        }
    }

    /// Frees the cell of this name, unless a loaded plan uses it.
    pub fn forget(&mut self, name: &str) {
        if let Some(cell) = self.find(name).filter(|&cell| self.cells[cell].users == 0) {
            self.cells[cell] = Cell::default();
        }
    }

    /// So many numbers of the cell of this name, which is made or lengthened where needed.
    pub fn room(&mut self, name: &str, count: usize) -> &mut [f32] {
        let cell = self.named(name);
        let cell = &mut self.cells[cell];
        if cell.count < count {
            cell.count = count;
            cell.numbers.resize(count + SLACK, 0.0);
        }
        &mut cell.numbers[..count]
    }

    /// Writes bytes from `offset` on into the cell of this name.
    pub fn write_bytes(&mut self, name: &str, offset: usize, bytes: &[u8]) {
        let cell = self.named(name);
        let cell = &mut self.cells[cell];
        let end = offset + bytes.len();
        if cell.bytes.len() < end {
            cell.bytes.resize(end, 0);
        }
        cell.bytes[offset..end].copy_from_slice(bytes);
    }

    fn named(&mut self, name: &str) -> usize {
        self.find(name).unwrap_or_else(|| {
            let cell = self.vacant();
            self.cells[cell].name = Some(name.into());
            cell
        })
    }

    /// A cell for so many numbers that one plan keeps to itself.
    #[inline]
    pub fn keep(&mut self, count: usize) -> Result<usize, String> {
        let cell = self.cell_for(&Place { count, holds: Holds::Scratch })?;
        self.cells[cell].users = 1;
        Ok(cell)
    }

    /// A cell that nobody uses.
    #[inline]
    fn vacant(&mut self) -> usize {
        let free = self.cells.iter().position(|cell| cell.users == 0 && cell.name.is_none());
        free.unwrap_or_else(|| {
            self.cells.push(Cell::default());
            self.cells.len() - 1
        })
    }

    #[inline]
    fn cell_for(&mut self, place: &Place) -> Result<usize, String> {
        let count = place.count;
        let cell = match &place.holds {
            Holds::Scratch | Holds::Constant(_) => self.vacant(),
            Holds::Input(name) | Holds::State(name) | Holds::Bytes(name) => self.named(name),
        };
        let own = &mut self.cells[cell];
        if matches!(place.holds, Holds::Bytes(_)) {
            reserve(&mut own.bytes, count)?;
            if own.users == 0 || own.bytes.len() < count {
                own.bytes.resize(count, 0);
            }
            return Ok(cell);
        }
        reserve(&mut own.numbers, count + SLACK)?;
        // What a plan in use has made longer stays so; else the plan that comes says how long it is.
        if own.users == 0 || own.count < count {
            own.count = count;
            own.numbers.resize(count + SLACK, 0.0);
            own.numbers[count..].fill(0.0);
        }
        if let Holds::Constant(numbers) = &place.holds {
            own.numbers[..count].copy_from_slice(numbers);
        }
        Ok(cell)
    }
}

/// Makes room for `count` in all, or says that there is none.
#[inline]
pub fn reserve<T>(numbers: &mut Vec<T>, count: usize) -> Result<(), String> {
    numbers.try_reserve_exact(count.saturating_sub(numbers.len())).map_err(|_| {
        let megabytes = count * size_of::<T>() / 1_000_000;
        format!("This network needs {megabytes} MB more memory than there is. Try a smaller batch or fewer filters.")
    })
}
