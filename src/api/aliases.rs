//! Every spelling of every key that answers are read by, in one place; the operator can add to it.
//!
//! Spellings are compared without case, `_` and `-` (`key.rs`). Earlier ones are preferred. For
//! dates each spelling also stands for the same with `utc` behind it, which is preferred.

/// What a key can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Field {
    RegistrationId,
    Email,
    Phone,
    FirstName,
    LastName,
    BirthDate,
    Address,
    Zip,
    City,
    Custom1,
    Custom2,
    Custom3,
    Paid,
    PaidUntil,
    Blocked,
    RegisteredAt,
    DirectoryId,
    DirectoryName,
    DirectoryUrl,
    DirectoryStatus,
    Registrations,
    Directories,
    Wrapper,
}

/// Field, its name in the configuration, its spellings; the names of columns where there is one.
pub(super) const BUILT_IN: &[(Field, &str, &[&str])] = &[
    (Field::RegistrationId, "registration_id", &["id", "userid", "registrationid", "regid"]),
    (Field::Email, "email", &["email", "emailaddress", "mail"]),
    (
        Field::Phone,
        "phone",
        &["phone", "phonenumber", "mobile", "mobilephone", "mobilenumber", "telephone", "tel", "msisdn"],
    ),
    (Field::FirstName, "first_name", &["firstname", "fname", "givenname"]),
    (Field::LastName, "last_name", &["lastname", "lname", "surname", "familyname"]),
    (Field::BirthDate, "birth_date", &["birthdate", "birthday", "dateofbirth", "dob"]),
    (Field::Address, "address", &["address", "streetaddress", "street", "address1"]),
    (Field::Zip, "zip", &["zip", "zipcode", "postalcode", "postcode"]),
    (Field::City, "city", &["city", "town"]),
    (Field::Custom1, "custom_1", &["custom1", "customfield1"]),
    (Field::Custom2, "custom_2", &["custom2", "customfield2"]),
    (Field::Custom3, "custom_3", &["custom3", "customfield3"]),
    (Field::Paid, "paid", &["paid", "ispaid", "haspaid", "paidaccess"]),
    (
        Field::PaidUntil,
        "paid_until",
        &[
            "paiduntil",
            "paidexpirydate",
            "paidexpirationdate",
            "paidexpiry",
            "paidexpires",
            "paidexpiresat",
            "paidaccessexpirydate",
            "paidaccessexpires",
            "paidaccessuntil",
            "expirydate",
            "expirationdate",
            "expiresat",
            "expires",
            "expiry",
            "validuntil",
        ],
    ),
    (Field::Blocked, "blocked", &["blocked", "isblocked", "disabled", "isdisabled"]),
    (
        Field::RegisteredAt,
        "registered_at",
        &[
            "registeredat",
            "registereddate",
            "registeredon",
            "registered",
            "registrationdate",
            "registrationtime",
            "registration",
            "regdate",
            "createdat",
            "createddate",
            "createdon",
            "created",
            "datecreated",
            "date",
        ],
    ),
    (Field::DirectoryId, "directory_id", &["id", "directoryid", "dirid", "directory"]),
    (Field::DirectoryName, "directory_name", &["name", "directoryname", "title"]),
    (Field::DirectoryUrl, "directory_url", &["url", "directoryurl", "link", "shorturl"]),
    (Field::DirectoryStatus, "directory_status", &["status", "directorystatus", "state"]),
    (
        Field::Registrations,
        "registrations",
        &[
            "users",
            "user",
            "directoryusers",
            "directoryuser",
            "registrations",
            "registration",
            "registeredusers",
            "usersinfo",
            "userinfo",
            "directoryusersinfo",
            "directoryuserinfo",
            "data",
            "list",
        ],
    ),
    (
        Field::Directories,
        "directories",
        &["directoryinfo", "directory", "directories", "directorylist", "data", "list"],
    ),
    (Field::Wrapper, "wrapper", &["data", "response", "result"]),
];

impl Field {
    /// Its name in the configuration and in warnings.
    pub(super) fn name(self) -> &'static str {
        BUILT_IN.iter().find(|(field, _, _)| *field == self).map_or("", |(_, name, _)| name)
    }

    pub(super) fn is_date(self) -> bool {
        matches!(self, Self::RegisteredAt | Self::PaidUntil)
    }

    pub(super) fn is_container(self) -> bool {
        matches!(self, Self::Registrations | Self::Directories | Self::Wrapper)
    }

    pub(super) fn is_of_directory(self) -> bool {
        matches!(self, Self::DirectoryId | Self::DirectoryName | Self::DirectoryUrl | Self::DirectoryStatus)
    }
}
