//! The columns that hold what the vendor says of a registration.

/// How many there are.
pub(super) const COUNT: usize = 17;

/// Their names, in the order of every statement that names them.
pub(super) const NAMES: [&str; COUNT] = [
    "email",
    "phone",
    "first_name",
    "last_name",
    "birth_date",
    "address",
    "zip",
    "city",
    "custom_1",
    "custom_2",
    "custom_3",
    "paid",
    "paid_until",
    "blocked",
    "registered_at",
    "registered_text",
    "registered_zone",
];
