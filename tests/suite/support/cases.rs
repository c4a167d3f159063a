//! A loop over cases that names the one that failed.

use std::fmt::Debug;

/// Gives one case after the other. A test that fails during a case names it after its own message.
pub fn cases<C>(cases: C) -> CaseIterator<C::IntoIter>
where
    C: IntoIterator<Item: Clone + Debug>,
{
    CaseIterator { rest: cases.into_iter(), current: None }
}

/// The iterator of [`cases`].
pub struct CaseIterator<I>
where
    I: Iterator<Item: Clone + Debug>,
{
    rest: I,
    current: Option<I::Item>,
}

impl<I> Iterator for CaseIterator<I>
where
    I: Iterator<Item: Clone + Debug>,
{
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.current = self.rest.next();
        self.current.clone()
    }
}

impl<I> Drop for CaseIterator<I>
where
    I: Iterator<Item: Clone + Debug>,
{
    fn drop(&mut self) {
        if let Some(case) = self.current.as_ref().filter(|_| std::thread::panicking()) {
            eprintln!("The case that failed: {case:?}");
        }
    }
}
