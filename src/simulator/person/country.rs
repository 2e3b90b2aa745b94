//! Where the simulated people live: names from `fake`'s locales, real cities, and telephone ranges
//! that the countries' authorities keep free for fiction.
//!
//! Countries without such a range get numbers of the North American one (555-01xx).

use std::sync::LazyLock;

use fake::locales::{AR_SA, DE_DE, Data, EN, FR_FR, IT_IT, JA_JP, NL_NL, PT_BR, PT_PT, TR_TR, ZH_TW};

/// A name as written and as an email address spells it.
pub struct Name {
    /// As written.
    pub written: &'static str,
    /// Lower-case ASCII letters only.
    pub ascii: Box<str>,
}

/// A city and how its postal codes look: `#` is a digit, `$` a capital letter.
pub struct City {
    /// Its name.
    pub name: &'static str,
    /// Its postal codes' form.
    pub zip: &'static str,
}

/// One country's people.
pub struct Country {
    /// Given names.
    pub given: Vec<Name>,
    /// Family names.
    pub family: Vec<Name>,
    /// Cities.
    pub cities: Vec<City>,
    /// Streets.
    pub streets: &'static [&'static str],
    /// Whether the house number comes before the street.
    pub number_first: bool,
    /// Telephone numbers of fiction: a prefix and how many digits follow it.
    pub phones: &'static [(&'static str, u32)],
}

/// All countries, in an order that never changes: it is part of what a seed means.
pub static COUNTRIES: LazyLock<Vec<Country>> = LazyLock::new(|| {
    vec![
        country::<EN>(UNITED_KINGDOM, BRITISH, true, PHONES_GB),
        country::<EN>(UNITED_STATES, AMERICAN, true, PHONES_US),
        country::<EN>(AUSTRALIA, BRITISH, true, PHONES_AU),
        country::<FR_FR>(FRANCE, FRENCH, true, PHONES_FR),
        country::<NL_NL>(BELGIUM, DUTCH, false, PHONES_US),
        country::<FR_FR>(WALLONIA, FRENCH, false, PHONES_FR),
        country::<DE_DE>(GERMANY, GERMAN, false, PHONES_DE),
        country::<NL_NL>(NETHERLANDS, DUTCH, false, PHONES_US),
        country::<IT_IT>(ITALY, ITALIAN, false, PHONES_US),
        country::<PT_BR>(BRAZIL, PORTUGUESE, false, PHONES_US),
        country::<PT_PT>(PORTUGAL, PORTUGUESE, false, PHONES_US),
        country::<TR_TR>(TURKEY, TURKISH, false, PHONES_US),
        country::<JA_JP>(JAPAN, JAPANESE, false, PHONES_US),
        country::<ZH_TW>(TAIWAN, CHINESE, false, PHONES_US),
        country::<AR_SA>(SAUDI_ARABIA, ARABIC, false, PHONES_US),
    ]
});

fn country<L: Data>(
    cities: &[(&'static str, &'static str)],
    streets: &'static [&'static str],
    number_first: bool,
    phones: &'static [(&'static str, u32)],
) -> Country {
    Country {
        given: L::NAME_FIRST_NAME.iter().map(|&name| spell(name)).collect(),
        family: L::NAME_LAST_NAME.iter().map(|&name| spell(name)).collect(),
        cities: cities.iter().map(|&(name, zip)| City { name, zip }).collect(),
        streets,
        number_first,
        phones,
    }
}

fn spell(written: &'static str) -> Name {
    let ascii: String = deunicode::deunicode(written)
        .chars()
        .filter(char::is_ascii_alphabetic)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    Name { written, ascii: ascii.into() }
}

const PHONES_GB: &[(&str, u32)] = &[("+447700900", 3), ("+442079460", 3), ("+441632960", 3)];
const PHONES_US: &[(&str, u32)] = &[
    ("+120255501", 2),
    ("+120655501", 2),
    ("+121255501", 2),
    ("+130355501", 2),
    ("+131255501", 2),
    ("+140455501", 2),
    ("+141555501", 2),
    ("+150355501", 2),
    ("+151255501", 2),
    ("+161755501", 2),
    ("+170255501", 2),
    ("+190755501", 2),
];
const PHONES_AU: &[(&str, u32)] = &[("+6125550", 4), ("+6135550", 4), ("+6175550", 4)];
const PHONES_FR: &[(&str, u32)] = &[("+3363998", 4), ("+3319900", 4)];
const PHONES_DE: &[(&str, u32)] = &[("+4917139200", 2), ("+4917604069", 3), ("+493023125", 3)];

const UNITED_KINGDOM: &[(&str, &str)] = &[
    ("London", "SW# #$$"),
    ("Manchester", "M# #$$"),
    ("Bristol", "BS# #$$"),
    ("Leeds", "LS# #$$"),
    ("Edinburgh", "EH# #$$"),
    ("Cardiff", "CF# #$$"),
    ("Newcastle upon Tyne", "NE# #$$"),
];
const UNITED_STATES: &[(&str, &str)] = &[
    ("Portland", "972##"),
    ("Austin", "787##"),
    ("Chicago", "606##"),
    ("Boston", "021##"),
    ("St. Paul", "551##"),
    ("Coeur d'Alene", "8381#"),
    ("San Diego", "921##"),
];
const AUSTRALIA: &[(&str, &str)] = &[("Sydney", "20##"), ("Melbourne", "30##"), ("Hobart", "70##")];
const FRANCE: &[(&str, &str)] = &[
    ("Paris", "750##"),
    ("Lyon", "690##"),
    ("Saint-Étienne", "420##"),
    ("Nîmes", "300##"),
    ("L'Haÿ-les-Roses", "9424#"),
    ("Besançon", "250##"),
];
const BELGIUM: &[(&str, &str)] =
    &[("Antwerpen", "20##"), ("Gent", "90##"), ("Leuven", "30##"), ("Kortrijk", "85##"), ("Brugge", "80##")];
const WALLONIA: &[(&str, &str)] = &[("Liège", "40##"), ("Namur", "50##"), ("Bruxelles", "10##")];
const GERMANY: &[(&str, &str)] = &[
    ("Köln", "50###"),
    ("München", "80###"),
    ("Berlin", "10###"),
    ("Dresden", "010##"),
    ("Düsseldorf", "40###"),
    ("Frankfurt am Main", "60###"),
];
const NETHERLANDS: &[(&str, &str)] = &[
    ("Utrecht", "35## $$"),
    ("Rotterdam", "30## $$"),
    ("'s-Hertogenbosch", "52## $$"),
    ("Groningen", "97## $$"),
];
const ITALY: &[(&str, &str)] =
    &[("Roma", "001##"), ("Milano", "201##"), ("Forlì", "471##"), ("L'Aquila", "67100"), ("Napoli", "801##")];
const BRAZIL: &[(&str, &str)] = &[
    ("São Paulo", "01###-###"),
    ("Brasília", "70###-###"),
    ("Maceió", "57###-###"),
    ("Recife", "50###-###"),
];
const PORTUGAL: &[(&str, &str)] =
    &[("Lisboa", "1###-###"), ("Porto", "4###-###"), ("Évora", "7###-###"), ("Guimarães", "48##-###")];
const TURKEY: &[(&str, &str)] =
    &[("İstanbul", "34###"), ("Ankara", "06###"), ("İzmir", "35###"), ("Eskişehir", "26###")];
const JAPAN: &[(&str, &str)] =
    &[("東京", "10#-####"), ("大阪", "53#-####"), ("札幌", "06#-####"), ("福岡", "81#-####")];
const TAIWAN: &[(&str, &str)] = &[("臺北", "10#"), ("高雄", "80#"), ("臺中", "40#")];
const SAUDI_ARABIA: &[(&str, &str)] = &[("الرياض", "11###"), ("جدة", "21###"), ("الدمام", "32###")];

const BRITISH: &[&str] =
    &["High Street", "Station Road", "Church Lane", "Mill Lane", "Queen's Road", "The Green"];
const AMERICAN: &[&str] =
    &["Maple Street", "2nd Avenue", "Martin Luther King Jr. Blvd", "O'Farrell Street", "Oak Drive"];
const FRENCH: &[&str] =
    &["rue de l'Église", "avenue de la Gare", "place du Marché", "allée des Tilleuls", "rue Neuve"];
const DUTCH: &[&str] =
    &["Kerkstraat", "Stationsstraat", "Molenweg", "Nieuwe Gracht", "Dorpsstraat", "Schoolstraat"];
const GERMAN: &[&str] =
    &["Hauptstraße", "Bahnhofstraße", "Am Mühlbach", "Gartenweg", "Lindenallee", "Straße des 17. Juni"];
const ITALIAN: &[&str] =
    &["Via Roma", "Piazza Garibaldi", "Via Dante", "Corso Vittorio Emanuele II", "Via dell'Università"];
const PORTUGUESE: &[&str] =
    &["Rua das Flores", "Avenida da Liberdade", "Rua São João", "Praça da República", "Travessa do Carmo"];
const TURKISH: &[&str] = &["Atatürk Caddesi", "Çiçek Sokağı", "İstiklal Caddesi", "Güneş Sokağı"];
const JAPANESE: &[&str] = &["中央区本町", "北区栄町", "緑区青葉台", "西区港町"];
const CHINESE: &[&str] = &["中山路", "民生東路", "和平西路", "忠孝路"];
const ARABIC: &[&str] = &["شارع الملك فهد", "طريق المدينة", "شارع العليا"];
