//! A view laid along the flat index of a kernel: where consecutive indices lie, in as few axes as the strides allow.

/// Most axes that a view can have once neighbours are merged.
pub const RANK: usize = 12;

/// start + Σ index[d] · strides[d], for the flat row-major index.
#[derive(Clone, Debug)]
pub struct Walk {
    start: isize,
    dims: Vec<usize>,
    strides: Vec<isize>,
}

/// Consecutive indices whose places are evenly spaced.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Of the first, counted from the first index asked for.
    pub index: usize,
    pub place: isize,
    pub count: usize,
    pub stride: isize,
}

impl Walk {
    #[inline]
    pub fn new(dims: &[usize], strides: &[isize], start: isize) -> Result<Walk, String> {
        let mut walk = Walk { start, dims: Vec::new(), strides: Vec::new() };
        for (&dim, &stride) in dims.iter().zip(strides).filter(|(dim, _)| **dim != 1) {
            match (walk.dims.last_mut(), walk.strides.last_mut()) {
                (Some(outer), Some(outer_stride)) if *outer_stride == stride * dim as isize => {
                    *outer *= dim;
                    *outer_stride = stride;
                }
                (_, _) => {
                    walk.dims.push(dim);
                    walk.strides.push(stride);
                }
            }
        }
        if walk.dims.is_empty() {
            walk.dims.push(1);
            walk.strides.push(1);
        }
        if walk.dims.len() > RANK {
            return Err(format!("an array is walked along {} axes; the CPU takes at most {RANK}", walk.dims.len()));
        }
        Ok(walk)
    }

    /// The first place, if all follow one another.
    pub fn contiguous(&self) -> Option<usize> {
        (self.dims.len() == 1 && self.strides[0] == 1).then_some(self.start as usize)
    }

    /// After how many indices the places repeat: 1 if all are the same.
    #[inline]
    pub fn period(&self) -> usize {
        let changing = self.strides.iter().position(|&stride| stride != 0).unwrap_or(self.dims.len());
        self.dims[changing..].iter().product()
    }

    /// Calls `visit` for the runs that make up `count` indices from `first` on.
    #[inline(always)]
    pub fn runs(&self, first: usize, count: usize, mut visit: impl FnMut(Run)) {
        let inner = self.dims.len() - 1;
        let (length, stride) = (self.dims[inner], self.strides[inner]);
        let mut index = [0; RANK];
        let (mut rest, mut place) = (first, self.start);
        if inner == 0 && first < length {
            // Most walks: no division.
            index[0] = first;
            place += first as isize * stride;
        } else {
            for axis in (0..self.dims.len()).rev() {
                index[axis] = rest % self.dims[axis];
                rest /= self.dims[axis];
                place += index[axis] as isize * self.strides[axis];
            }
        }
        let mut done = 0;
        while done < count {
            let run = (length - index[inner]).min(count - done);
            visit(Run { index: done, place, count: run, stride });
            done += run;
            if done == count {
                return;
            }
            place -= index[inner] as isize * stride;
            index[inner] = 0;
            let mut axis = inner;
            while axis > 0 {
                axis -= 1;
                index[axis] += 1;
                place += self.strides[axis];
                if index[axis] < self.dims[axis] {
                    break;
                }
                place -= index[axis] as isize * self.strides[axis];
                index[axis] = 0;
            }
        }
    }
}
