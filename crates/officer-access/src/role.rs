//! Roles and what each may do: one table, which the role × route test walks.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What somebody may be in the office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Issues, and asks for status changes (발급담당).
    Officer,
    /// Decides on what officers ask (승인자).
    Approver,
    /// Looks at everything and changes nothing (감사).
    Auditor,
    /// A program with the admin token: the whole admin API.
    Service,
}

/// One thing that a route needs to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See kinds, offers, credentials without claims, anchors and figures.
    Look,
    /// Create and import kinds.
    Kinds,
    /// Register persons, make offers, release or deny deferred ones, prepare bulk jobs.
    Issue,
    /// Suspend, reinstate, revoke, supersede, or ask for it where four eyes are needed.
    Status,
    /// Approve or refuse what another person asked for.
    Decide,
    /// Read, check and export the audit trail.
    Audit,
    /// Send an epoch to the chain now.
    Anchor,
    /// Use the VC-API instances.
    VcApi,
    /// Manage officers and API keys.
    Access,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 4] = [Self::Officer, Self::Approver, Self::Auditor, Self::Service];

    /// The name in configurations and records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Officer => "officer",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
            Self::Service => "service",
        }
    }

    /// The role of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// What it may do.
    pub const fn permissions(self) -> &'static [Permission] {
        use Permission::{Anchor, Audit, Decide, Issue, Kinds, Look, Status};
        match self {
            Self::Officer => &[Look, Kinds, Issue, Status, Anchor],
            Self::Approver => &[Look, Decide],
            Self::Auditor => &[Look, Audit],
            Self::Service => &Permission::ALL,
        }
    }
}

impl Permission {
    /// All permissions.
    pub const ALL: [Self; 9] = [
        Self::Look,
        Self::Kinds,
        Self::Issue,
        Self::Status,
        Self::Decide,
        Self::Audit,
        Self::Anchor,
        Self::VcApi,
        Self::Access,
    ];

    /// The name, also that of an API key's scope.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Kinds => "kinds",
            Self::Issue => "issue",
            Self::Status => "status",
            Self::Decide => "decide",
            Self::Audit => "audit",
            Self::Anchor => "anchor",
            Self::VcApi => "vc_api",
            Self::Access => "access",
        }
    }

    /// The permission of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.as_str() == name)
    }
}

/// Who is acting: an officer in a session, a program with an API key, or the admin token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Stable: `officer:<id>`, `key:<prefix>` or `service`. Stands in the audit trail.
    pub id: String,
    /// For people: the officer's or the key's name.
    pub name: String,
    /// The officer's roles; `service` for the admin token; none for API keys.
    pub roles: BTreeSet<Role>,
    /// What it may do.
    pub permissions: BTreeSet<Permission>,
}

impl Principal {
    /// The holder of the admin token.
    pub fn service() -> Self {
        Self::with_roles("service".to_owned(), "service".to_owned(), [Role::Service].into())
    }

    /// Somebody with roles.
    pub fn with_roles(id: String, name: String, roles: BTreeSet<Role>) -> Self {
        let permissions = roles.iter().flat_map(|role| role.permissions()).copied().collect();
        Self { id, name, roles, permissions }
    }

    /// Whether it may.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        for permission in Permission::ALL {
            assert_eq!(Permission::parse(permission.as_str()), Some(permission));
        }
        assert_eq!(Role::parse("admin"), None);
        assert_eq!(Permission::parse("*"), None);
    }

    #[test]
    fn whoever_asks_does_not_decide_and_the_auditor_changes_nothing() {
        let may = |role: Role, permission| role.permissions().contains(&permission);
        assert!(!may(Role::Officer, Permission::Decide));
        assert!(!may(Role::Approver, Permission::Status));
        assert_eq!(Role::Auditor.permissions(), [Permission::Look, Permission::Audit]);
    }
}
