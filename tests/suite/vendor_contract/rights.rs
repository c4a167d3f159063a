//! What the keys may do, by the vendor's capability.

use shared::{
    domain::{
        RightName::{self, Agreement, Contacts, Creation, Quota},
        Vendor,
    },
    problem_code::ProblemCode,
    vendors::RightReading,
};
use simulators::{
    Fault, FaultRule,
    huawei::{HuaweiSettings, RightsSettings},
};

use super::{ContractCase, all_vendors, of_vendor};
use crate::support::{World, cases};

fn set(case: &ContractCase<'_>, rights: RightsSettings) {
    let huawei = &case.world.stack.simulators.vendors.huawei;
    huawei.set_settings(HuaweiSettings { rights, ..huawei.settings() });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_tells_the_rights_of_its_capability_and_no_others() {
    let world = World::start().await;
    for case in all_vendors(&world) {
        let told: Vec<_> = case.capability().rights.iter().map(|right| right.name).collect();
        assert!(told.contains(&RightName::Products));
        assert_eq!(told.contains(&RightName::Messages), case.capability().tickets);
        for right in case.capability().rights {
            assert!(right.page.starts_with("https://") && right.page_international.starts_with("https://"));
            assert!(right.grant.ends_with('.') && right.grant.len() > 10, "{right:?}");
        }
        for name in [Creation, Agreement, Contacts, Quota] {
            let read = case.session().read_right(name).await;
            match told.contains(&name) {
                true => assert_eq!(read.unwrap().granted, Some(true), "{name:?}"),
                false => assert_eq!(read.unwrap_err().code(), "capability_not_supported", "{name:?}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn huawei_says_which_rights_are_missing_and_how_many_are_left() {
    let world = World::start().await;
    let case = of_vendor(&world, Vendor::Huawei);
    let granted = RightsSettings::default();
    let (yes, no) = (RightReading::GRANTED, RightReading::of(false));
    let untold = RightReading { granted: None, count: None };
    let restricted = RightsSettings { restricted: true, ..granted.clone() };
    for (name, rights, wanted) in cases([
        (Creation, RightsSettings { may_create: false, ..granted.clone() }, yes),
        (Creation, restricted.clone(), yes),
        (Creation, RightsSettings { may_create: false, ..restricted }, no),
        (Agreement, granted.clone(), yes),
        (Agreement, RightsSettings { signed: false, ..granted.clone() }, no),
        (Contacts, RightsSettings { contacts: [2, 1], ..granted.clone() }, RightReading::counted(3)),
        (Contacts, RightsSettings { contacts: [0, 0], ..granted.clone() }, RightReading::counted(0)),
        (Quota, granted.clone(), RightReading::counted(28)),
        (Quota, RightsSettings { quota: Some([30, 0]), ..granted.clone() }, RightReading::counted(0)),
        (Quota, RightsSettings { quota: None, ..granted }, untold),
    ]) {
        set(&case, rights);
        assert_eq!(case.session().read_right(name).await.unwrap(), wanted, "{name:?}");
    }
    assert_eq!(RightReading::counted(0).granted, Some(false));
    assert_eq!(world.simulated("HUAWEI").count("ListPrivileges"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_does_not_say_it_and_a_refusal_are_not_the_same() {
    let world = World::start().await;
    let case = of_vendor(&world, Vendor::Huawei);
    for (name, operation) in cases([
        (Creation, "ShowCustomerPrivilegePolicy"),
        (Agreement, "ShowSignedLatestPublishedAgreement"),
        (Contacts, "ListHasVerifiedContacts"),
        (Quota, "ListCaseQuotas"),
    ]) {
        world.simulated("HUAWEI").fault(FaultRule::always(operation, Fault::WrongShape));
        let error = case.session().read_right(name).await.unwrap_err();
        assert!(error.is(ProblemCode::VendorBadAnswer), "{name:?}: {error:?}");
        world.simulated("HUAWEI").no_faults();
        world.simulated("HUAWEI").fault(FaultRule::always(operation, case.api().no_permission()));
        let error = case.session().read_right(name).await.unwrap_err();
        assert!(error.is(ProblemCode::VendorPermissionDenied), "{name:?}: {error:?}");
        world.simulated("HUAWEI").no_faults();
    }
}
