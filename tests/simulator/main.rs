//! The simulator, asked over a real socket: what it answers, how it spells it, what goes wrong when
//! told to, and whether its truth is true. The client here is a bare one on purpose: the product's
//! own reading of answers is tested elsewhere, against this simulator.

mod asker;
mod calls;
mod control;
mod faults;
mod pages;
mod variants;
mod world;
