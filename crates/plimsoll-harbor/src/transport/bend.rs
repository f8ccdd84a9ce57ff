//! What the faults that strike one request come to. Touches no socket.

use std::time::Duration;

use super::faults::{Effect, Moment};
use super::response::Response;

/// How one exchange is bent.
#[derive(Default)]
pub(super) struct Bend {
    /// Before the service is asked.
    pub before: Turn,
    /// After it answered.
    pub after: Turn,
    /// Where the request's body is cut.
    pub cut_request: Option<u64>,
    /// What becomes of the answer's bytes.
    pub answer: AnswerBend,
}

/// What happens at a moment.
#[derive(Default)]
pub(super) struct Turn {
    /// What is waited first.
    pub delay: Duration,
    /// What then takes the place of the answer.
    pub instead: Option<Instead>,
}

/// What takes the place of an answer.
pub(super) enum Instead {
    /// Another one.
    Answer(Response),
    /// None.
    NoAnswer,
}

/// How the bytes of an answer are bent.
#[derive(Debug, Default)]
pub(super) struct AnswerBend {
    /// What `Content-Length` says, if not the truth.
    pub false_length: Option<u64>,
    /// After how many bytes of the body the connection ends.
    pub cut: Option<u64>,
    /// Places of bytes that are inverted.
    pub flips: Vec<u64>,
    /// Whether the request's range is not understood.
    pub no_range: bool,
}

impl Bend {
    pub(super) fn of(struck: Vec<(Moment, Effect)>) -> Self {
        let mut bend = Self::default();
        for (moment, effect) in struck {
            let turn = if moment == Moment::Before { &mut bend.before } else { &mut bend.after };
            let answer = |response| Some(Instead::Answer(response));
            match effect {
                Effect::Status(status) => turn.instead = answer(Response::empty(status)),
                Effect::RetryAfter(status, seconds) => {
                    turn.instead = answer(Response::empty(status).header("Retry-After", &seconds.to_string()));
                }
                Effect::Redirect(location) => turn.instead = answer(Response::empty(302).header("Location", &location)),
                Effect::NoAnswer => turn.instead = Some(Instead::NoAnswer),
                Effect::Delay(time) => turn.delay += time,
                Effect::CutRequest(after) => bend.cut_request = Some(bend.cut_request.map_or(after, |other| other.min(after))),
                Effect::Cut(after) => bend.answer.cut = Some(after),
                Effect::Flip(place) => bend.answer.flips.push(place),
                Effect::ContentLength(length) => bend.answer.false_length = Some(length),
                Effect::NoRange => bend.answer.no_range = true,
            }
        }
        bend
    }
}
