//! Who does something: the caller of a write.

use serde::{Deserialize, Serialize};

use super::Ticket;

/// The most characters of an actor's name; a longer one is cut.
pub const MAX_ACTOR_NAME_CHARS: usize = 200;

/// The caller of a write, as API Gateway found it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Actor {
    /// With IAM the ARN of the role's session or of the user, with tokens the claim `sub`.
    pub id: String,
    /// The name to show, from the token's claim that the parameter `ActorNameClaim` names; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Actor {
    /// The actor with this id and this name to show. Control characters of the name are left out. `None`: the id is
    /// empty.
    pub fn new(id: String, name: Option<&str>) -> Option<Self> {
        let shown = |name: &str| -> String {
            name.chars().filter(|char| !char.is_control()).take(MAX_ACTOR_NAME_CHARS).collect()
        };
        let name = name.map(shown).filter(|name| !name.trim().is_empty());
        (!id.is_empty()).then_some(Self { id, name })
    }
}

/// Removes the actors' names; whether one had one.
pub fn forget_names<'a>(actors: impl IntoIterator<Item = &'a mut Option<Actor>>) -> bool {
    actors.into_iter().flatten().filter_map(|actor| actor.name.take()).count() > 0
}

impl Ticket {
    /// Removes the names of all its actors, as its erasure does; whether one had one. The ids stay.
    pub fn forget_actor_names(&mut self) -> bool {
        let own = [&mut self.created_by, &mut self.urged_by, &mut self.resolved_by, &mut self.closed_by];
        let of_closings = self.closings.iter_mut().flat_map(|one| [&mut one.closed_by, &mut one.reopened_by]);
        let of_withdrawals = self.withdrawals.iter_mut().map(|one| &mut one.by);
        forget_names(own.into_iter().chain(of_closings).chain(of_withdrawals))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_without_control_characters_and_in_part() {
        let name = |name: &str| Actor::new("s".into(), Some(name)).unwrap().name;
        assert_eq!(name("李\u{1b}[1m 雷\n").as_deref(), Some("李[1m 雷"));
        assert_eq!(name(&"x".repeat(300)).unwrap().len(), MAX_ACTOR_NAME_CHARS);
        assert_eq!((name(""), name(" \n")), (None, None));
        assert_eq!(Actor::new(String::new(), Some("x")), None);
    }
}
