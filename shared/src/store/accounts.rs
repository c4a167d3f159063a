//! Accounts.

use futures_util::future::try_join_all;
use serde::Deserialize;

use super::{
    DueWork, Page, Store,
    condition::Condition,
    item::{self, Item},
    keys, number,
    query::{Index, Query},
    text, to_value,
    transaction::Updated,
    update::Update,
};
use crate::{
    domain::{Account, AccountHealth, AccountId, AccountRights, BlockedClose, ReopeningCheck, Site, Vendor},
    error::{Error, Result},
    problem_code::ProblemCode,
};

impl Store {
    /// Stores a new account, and gives the one that is stored: repeating it changes nothing.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_account(&self, account: &Account) -> Result<Account> {
        let stored = self.put(account_item(account)?, Condition::ITEM_MISSING).await?.stored()?;
        Ok(stored.unwrap_or_else(|| account.clone()))
    }

    /// The account, if there is one.
    ///
    /// # Errors
    /// When the item can't be read, or the store does not answer.
    pub async fn account(&self, id: &AccountId) -> Result<Option<Account>> {
        self.get(keys::account(id)).await
    }

    /// A page of all accounts, oldest first. `after` is the last account's position on the page before.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn accounts(&self, limit: usize, after: Option<&str>) -> Result<Page<Account, String>> {
        self.query_accounts(after).page_size(limit + 1).read_page(limit).await
    }

    /// A page of those of these accounts that exist, as [`accounts`](Self::accounts).
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn accounts_of(
        &self,
        ids: &[AccountId],
        limit: usize,
        after: Option<&str>,
    ) -> Result<Page<Account, String>> {
        let found = try_join_all(ids.iter().map(|id| self.account(id))).await?;
        let position = |account: &Account| keys::by_time(account.create_time, account.id.as_str());
        let mut items: Vec<_> = found.into_iter().flatten().collect();
        items.retain(|account| after.is_none_or(|after| *position(account) > *after));
        items.sort_by_cached_key(position);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(position);
        Ok(Page { items, next })
    }

    fn query_accounts(&self, after: Option<&str>) -> Query {
        let after = Condition::Compare(Index::GSI1.sk, ">", text(after.unwrap_or("0")));
        self.query(Index::GSI1, keys::ACCOUNTS, Some(after))
    }

    /// All accounts of one vendor, or of all vendors, oldest first. An item that can't be read is left out.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn all_accounts(&self, vendor: Option<Vendor>) -> Result<Vec<Account>> {
        let mut accounts: Vec<Account> = self.query_accounts(None).read_readable().await?;
        accounts.retain(|account| vendor.is_none_or(|vendor| account.vendor == vendor));
        Ok(accounts)
    }

    /// Writes the result of a check of the account's newest keys, and who changed them. `false` when the account is gone.
    ///
    /// `write_id` is random: two callers may write the same health in the same millisecond, and only one of them has
    /// written it.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn set_account_health(&self, id: &AccountId, health: &AccountHealth, write_id: &str) -> Result<bool> {
        let update = Update::of(keys::account(id))
            .set("health", to_value(health)?)
            .set("health_write_id", text(write_id))
            .set_actor("changed_by")?;
        let stored: Option<HealthWrite> = self.update(update.when(Condition::ITEM_EXISTS)).await?.stored()?;
        // Also where the SDK sent this very write again, because the answer to the first one was lost.
        Ok(stored.is_some_and(|stored| stored.health_write_id.as_deref() == Some(write_id)))
    }

    /// Writes the health of the keys of `account` after a vendor call. Nothing happens when the keys were checked since
    /// `account` was read: they may have been rotated.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn record_account_health(&self, account: &Account, health: &AccountHealth) -> Result<()> {
        let unchanged = match account.health.last_check {
            Some(last_check) => Condition::equals("health.last_check", number(last_check)),
            None => Condition::ITEM_EXISTS.and(Condition::Missing("health.last_check")),
        };
        let update = Update::of(keys::account(&account.id)).set("health", to_value(health)?);
        self.update(update.when(unchanged)).await.map(|_| ())
    }

    /// Writes until when the vendor's list was read completely for the adoption since `since_ms`, Unix milliseconds.
    /// Nothing happens when the adoption was switched meanwhile.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn set_adoption_read(&self, id: &AccountId, since_ms: i64, until_ms: i64) -> Result<()> {
        let update = Update::of(keys::account(id)).set("adoption_read_until", number(until_ms));
        self.update(update.when(Condition::equals("adopt_since", number(since_ms)))).await.map(|_| ())
    }

    /// Writes the rights of the account's newest keys. Nothing happens when the account is gone.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn set_account_rights(&self, id: &AccountId, rights: &AccountRights) -> Result<()> {
        let update = Update::of(keys::account(id)).set("rights", to_value(rights)?);
        self.update(update.when(Condition::ITEM_EXISTS)).await.map(|_| ())
    }

    /// Writes the rights of the keys of `account`, which may have been read a while ago. Nothing happens when they were
    /// read again since: the keys may have been rotated.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn record_account_rights(&self, account: &Account, rights: &AccountRights) -> Result<()> {
        let unchanged = match &account.rights {
            Some(known) => Condition::equals("rights.check_time", number(known.check_time)),
            None => Condition::ITEM_EXISTS.and(Condition::Missing("rights")),
        };
        let update = Update::of(keys::account(&account.id)).set("rights", to_value(rights)?);
        self.update(update.when(unchanged)).await.map(|_| ())
    }

    /// Writes how far the check for reopened tickets has come. Nothing happens when the account is gone.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn set_reopening_check(&self, id: &AccountId, check: &ReopeningCheck) -> Result<()> {
        let update = Update::of(keys::account(id)).set("reopening_check", to_value(check)?);
        self.update(update.when(Condition::ITEM_EXISTS)).await.map(|_| ())
    }

    /// Writes the account's pace. Nothing happens when the account is gone.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn set_account_pace(&self, id: &AccountId, calls_per_minute: u32) -> Result<()> {
        let update = Update::of(keys::account(id)).set("calls_per_minute", number(calls_per_minute));
        self.update(update.when(Condition::ITEM_EXISTS)).await.map(|_| ())
    }

    /// Writes until when no calls are made for the account, as the vendor asked for, Unix milliseconds. Nothing
    /// happens when a longer wait is written already, or the account is gone.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn set_account_wait(&self, id: &AccountId, until_ms: i64) -> Result<()> {
        let is_shorter = Condition::Missing("wait_until").or(Condition::less("wait_until", number(until_ms)));
        let update = Update::of(keys::account(id)).set("wait_until", number(until_ms));
        self.update(update.when(Condition::ITEM_EXISTS).when(is_shorter)).await.map(|_| ())
    }

    /// Writes the vendor's mark of the newest messages that it has told of. Nothing happens when the account is gone.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn set_new_messages_mark(&self, id: &AccountId, mark: &str) -> Result<()> {
        let update = Update::of(keys::account(id)).set("new_messages_mark", text(mark));
        self.update(update.when(Condition::ITEM_EXISTS)).await.map(|_| ())
    }

    /// Writes which close can't go on; `None`: none. Nothing happens when the account is gone.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn set_blocked_close(&self, id: &AccountId, blocked_close: Option<&BlockedClose>) -> Result<()> {
        let update = Update::of(keys::account(id)).when(Condition::ITEM_EXISTS);
        let update = match blocked_close {
            Some(blocked_close) => update.set("blocked_close", to_value(blocked_close)?),
            None => update.remove(&["blocked_close"]),
        };
        self.update(update).await.map(|_| ())
    }

    /// Marks the account as being removed since `now_ms`, if none of its tickets is open and nothing of it is due: from
    /// then on it takes no new ones. Tickets are counted in the same item, so nothing can come in between.
    ///
    /// What is due was written when the last ticket ended, or when a reopening of one began. The index shows it a
    /// moment later, and the mark waits for that.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn start_removing(&self, id: &AccountId, now_ms: i64) -> Result<RemovalStart> {
        let due = self.due_work_of(id).await?;
        let Some(count) = self.get::<TicketCount>(keys::account(id)).await? else { return Ok(RemovalStart::NotFound) };
        if count.open_tickets > 0 {
            return Ok(RemovalStart::HasOpenTickets);
        }
        if !due.is_empty() {
            return Ok(RemovalStart::HasDueWork(due));
        }
        let is_empty = Condition::Compare("open_tickets", "<=", number(0));
        let is_indexed = Condition::less("last_ended", number(now_ms - INDEX_LAG_MS));
        let update = Update::of(keys::account(id))
            .set("deleting", number(now_ms))
            .when(Condition::ITEM_EXISTS)
            .when(Condition::Missing("open_tickets").or(is_empty))
            .when(Condition::Missing("last_ended").or(is_indexed));
        Ok(match self.update(update).await? {
            Updated::Done(_) => RemovalStart::Removing,
            Updated::Refused(None) => RemovalStart::NotFound,
            Updated::Refused(Some(item)) => match item::from_attributes::<TicketCount>(item)? {
                TicketCount { open_tickets: 1.., .. } => RemovalStart::HasOpenTickets,
                // The SDK sent this very write again, because the answer to the first one was lost.
                TicketCount { deleting, .. } if deleting == Some(now_ms) => RemovalStart::Removing,
                TicketCount { .. } => RemovalStart::HasDueWork(due),
            },
        })
    }

    /// Removes the account, which is being removed already. Repeating it is safe.
    ///
    /// # Errors
    /// When the account is not being removed, or the store does not answer.
    pub async fn delete_account(&self, id: &AccountId) -> Result<()> {
        let may_go = Condition::ITEM_MISSING.or(Condition::Exists("deleting"));
        if self.delete(keys::account(id), may_go).await? {
            return Ok(());
        }
        Err(Error::unavailable("The account is not being removed; try again.").with_code(ProblemCode::StoreUnavailable))
    }
}

pub(super) fn account_item(account: &Account) -> Result<Item> {
    let by_time = keys::by_time(account.create_time, account.id.as_str());
    let item = Item::new(keys::account(&account.id), "account", account)?;
    Ok(item.indexed(Index::GSI1, keys::ACCOUNTS, by_time).with("open_tickets", number(0)))
}

/// How long an index may lag behind the table, milliseconds; mostly it is less than a second.
const INDEX_LAG_MS: i64 = 10_000;

#[derive(Deserialize)]
struct HealthWrite {
    health_write_id: Option<String>,
}

#[derive(Deserialize)]
struct TicketCount {
    #[serde(default)]
    open_tickets: i64,
    deleting: Option<i64>,
}

/// The result of starting an account's removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemovalStart {
    /// It takes no new tickets any more, and can be removed.
    Removing,
    /// It has tickets that are not closed.
    HasOpenTickets,
    /// This is due for its closed tickets; empty where one ended a moment ago.
    HasDueWork(Vec<DueWork>),
    /// There is no such account.
    NotFound,
}

/// Accounts grouped by the catalog that they share: vendor and site.
pub fn catalogs_of(accounts: Vec<Account>) -> Vec<((Vendor, Site), Vec<Account>)> {
    let mut groups = std::collections::BTreeMap::<_, Vec<Account>>::new();
    for account in accounts {
        groups.entry((account.vendor, account.site)).or_default().push(account);
    }
    groups.into_iter().collect()
}
