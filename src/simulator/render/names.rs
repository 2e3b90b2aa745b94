//! How the keys of a row are spelt.

use crate::simulator::variant::Keys;

/// The keys of a row that are spelt differently.
pub struct Names {
    /// A registration's ID.
    pub id: &'static str,
    /// A directory's ID.
    pub directory_id: &'static str,
    /// Given name.
    pub first_name: &'static str,
    /// Family name.
    pub last_name: &'static str,
    /// Birth date.
    pub birth_date: &'static str,
    /// The three free fields.
    pub custom: [&'static str; 3],
    /// When paid access ends.
    pub paid_until: &'static str,
    /// When registered, in UTC.
    pub registered_utc: &'static str,
    /// When registered, in a zone that the key doesn't tell.
    pub registered: &'static str,
}

impl Names {
    /// The names of a spelling.
    pub fn of(keys: Keys) -> &'static Self {
        match keys {
            Keys::Vendor => &VENDOR,
            Keys::Snake => &SNAKE,
            Keys::Mixed => &MIXED,
            Keys::Hyphen => &HYPHEN,
            Keys::Camel => &CAMEL,
        }
    }
}

const VENDOR: Names = Names {
    id: "ID",
    directory_id: "ID",
    first_name: "firstname",
    last_name: "lastname",
    birth_date: "birthday",
    custom: ["custom_1", "custom_2", "custom_3"],
    paid_until: "paid_until",
    registered_utc: "registered_utc",
    registered: "registered",
};
const SNAKE: Names = Names {
    id: "id",
    directory_id: "id",
    first_name: "first_name",
    last_name: "last_name",
    birth_date: "birth_date",
    registered_utc: "registration_date_utc",
    registered: "registration_date",
    ..VENDOR
};
const MIXED: Names = Names {
    id: "user_id",
    directory_id: "directory_id",
    first_name: "first_Name",
    last_name: "last_Name",
    birth_date: "Birth_Date",
    custom: ["Custom1", "Custom2", "Custom3"],
    paid_until: "Paid_Until",
    registered_utc: "created_at_utc",
    registered: "created_at",
};
const HYPHEN: Names = Names {
    id: "registration-id",
    directory_id: "directory-id",
    first_name: "first-name",
    last_name: "last-name",
    birth_date: "birth-date",
    custom: ["custom-1", "custom-2", "custom-3"],
    paid_until: "paid-until",
    registered_utc: "reg-date-utc",
    registered: "reg-date",
};
const CAMEL: Names = Names {
    id: "regId",
    directory_id: "directoryId",
    first_name: "firstName",
    last_name: "lastName",
    birth_date: "birthDate",
    custom: ["custom1", "custom2", "custom3"],
    paid_until: "paidUntil",
    registered_utc: "dateUtc",
    registered: "date",
};
