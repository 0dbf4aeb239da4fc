//! The allocator of the tests: the system's, with an account of what each thread takes.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Allocations of this thread; other tests run on threads of their own.
    static COUNT: Cell<usize> = const { Cell::new(0) };
    /// Bytes that this thread holds, and the most that it held.
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

struct Counting;

fn change(count: usize, bytes: isize) {
    let _ = COUNT.try_with(|own| own.set(own.get() + count));
    let held = HELD.try_with(|own| {
        own.set(own.get() + bytes);
        own.get()
    });
    let _ = held.and_then(|held| MOST.try_with(|most| most.set(most.get().max(held))));
}

// Safety: everything is passed on to the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        change(1, layout.size() as isize);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        change(1, layout.size() as isize);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        change(0, -(layout.size() as isize));
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        change(1, size as isize - layout.size() as isize);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often this thread has taken memory.
pub fn count() -> usize {
    COUNT.with(Cell::get)
}

/// What a piece of work makes, and the most bytes that it held beyond what was held before.
pub fn most<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.with(Cell::get);
    MOST.with(|most| most.set(before));
    let made = work();
    (made, (MOST.with(Cell::get) - before).max(0) as usize)
}
