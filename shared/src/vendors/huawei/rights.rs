//! The rights of keys, by reads that change nothing: privileges and their switch, the signed agreement, verified contacts
//! and the quota. Where an answer does not have the documented field, nothing is known.

use serde::Deserialize;

use super::{CAPABILITY, HuaweiClient, error, requests};
use crate::{
    domain::{RightName, Vendor},
    error::Result,
    vendors::{Access, RightReading, answer::VendorAnswer, call::VendorOperation, failure, lenient::Integer},
};

const SHOW_CUSTOMER_PRIVILEGE_POLICY: VendorOperation =
    VendorOperation::read(Vendor::Huawei, "ShowCustomerPrivilegePolicy");
const LIST_PRIVILEGES: VendorOperation = VendorOperation::read(Vendor::Huawei, "ListPrivileges");
const SHOW_SIGNED_LATEST_PUBLISHED_AGREEMENT: VendorOperation =
    VendorOperation::read(Vendor::Huawei, "ShowSignedLatestPublishedAgreement");
const LIST_HAS_VERIFIED_CONTACTS: VendorOperation = VendorOperation::read(Vendor::Huawei, "ListHasVerifiedContacts");
const LIST_CASE_QUOTAS: VendorOperation = VendorOperation::read(Vendor::Huawei, "ListCaseQuotas");

/// The privilege to create tickets (<https://support.huaweicloud.com/api-ticket/ListPrivileges.html>).
const CREATE_CASE: &str = "createCase";
/// The agreement for new tickets of an ordinary customer, by the official SDK: 1 is an ISV's, 2 that of authorisations.
const NEW_TICKET_AGREEMENT: &str = "0";
/// `contact_way` of telephones and of mailboxes.
const CONTACT_WAYS: [&str; 2] = ["0", "1"];

impl HuaweiClient {
    pub(super) async fn right(&self, access: &Access, name: RightName) -> Result<RightReading> {
        match name {
            RightName::Creation => self.may_create(access).await,
            RightName::Agreement => {
                let request = requests::show_signed_latest_published_agreement(access, NEW_TICKET_AGREEMENT)?;
                let answer = self.call(access, &SHOW_SIGNED_LATEST_PUBLISHED_AGREEMENT, request).await?;
                let granted = flag(&answer, |rights| rights.is_signed_latest, "no is_signed_latest")?;
                Ok(RightReading::of(granted))
            }
            RightName::Contacts => {
                let mut contacts = 0;
                for way in CONTACT_WAYS {
                    let request = requests::list_has_verified_contacts(access, way)?;
                    let answer = self.call(access, &LIST_HAS_VERIFIED_CONTACTS, request).await?;
                    contacts += count(&answer, |rights| rights.count, "no count")?;
                }
                Ok(RightReading::counted(contacts))
            }
            RightName::Quota => {
                let answer = self.call(access, &LIST_CASE_QUOTAS, requests::list_case_quotas(access)?).await?;
                let left = count(&answer, |rights| rights.un_used, "no un_used")?;
                let total = if left > 0 { left } else { count(&answer, |rights| rights.total, "no total")? };
                // A customer without a quota may have 0 of 0.
                Ok(if total > 0 { RightReading::counted(left) } else { RightReading { granted: None, count: None } })
            }
            RightName::Products | RightName::Tickets | RightName::Messages => {
                Err(failure::not_supported(&CAPABILITY, access, "read this right"))
            }
        }
    }

    /// Without the switch every user may create tickets; with it those that have the privilege.
    async fn may_create(&self, access: &Access) -> Result<RightReading> {
        let request = requests::show_customer_privilege_policy(access)?;
        let answer = self.call(access, &SHOW_CUSTOMER_PRIVILEGE_POLICY, request).await?;
        if !flag(&answer, |rights| rights.policy_switch, "no policy_switch")? {
            return Ok(RightReading::GRANTED);
        }
        let answer = self.call(access, &LIST_PRIVILEGES, requests::list_privileges(access, CREATE_CASE)?).await?;
        let granted = flag(&answer, |rights| rights.has_privilege, "no has_privilege")?;
        Ok(RightReading::of(granted))
    }
}

/// The fields of the five answers. A flag may be a number, and a number a text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Rights {
    policy_switch: Integer,
    has_privilege: Integer,
    is_signed_latest: Integer,
    count: Integer,
    total: Integer,
    un_used: Integer,
}

fn count(answer: &VendorAnswer, field: fn(Rights) -> Integer, missing: &'static str) -> Result<u64> {
    error::check(answer)?;
    let Integer(number) = field(answer.json()?);
    number.and_then(|number| u64::try_from(number).ok()).ok_or_else(|| answer.bad(missing))
}

fn flag(answer: &VendorAnswer, field: fn(Rights) -> Integer, missing: &'static str) -> Result<bool> {
    match count(answer, field, missing)? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(answer.bad(missing)),
    }
}
