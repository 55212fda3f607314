//! Calls and messages: who reaches whom, what waits for an answer, and what was connected (RTE, INT, WHK).

mod answer;
mod decision;
mod error;
mod interactions;
mod ledger;
mod outcome;
mod receive;
mod waiting;

pub use self::{
    error::{
        AutoCreateError, AutoCreateParameter, DeleteInteractionError, ReceiveError, ResolveError, SendMessageError,
    },
    outcome::{OutOfSessionFailure, Outcome, Rejection, Route},
};
pub(super) use self::{
    ledger::{InteractionRecord, Ledger},
    waiting::{Connection, Matter, Tie, WaitingContact, WaitingRoom},
};
