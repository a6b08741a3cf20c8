use super::*;

fn postgres(text: &str) -> PostgresAddress {
    match Address::parse(text) {
        Ok(Address::Postgres(address)) => *address,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_path_is_a_file() {
    for (text, file) in [
        ("sayso.db", "sayso.db"),
        ("/var/lib/sayso/a b.db", "/var/lib/sayso/a b.db"),
        ("sqlite:data/sayso.db", "data/sayso.db"),
        ("sqlite:///var/sayso.db", "/var/sayso.db"),
    ] {
        assert_eq!(Address::parse(text), Ok(Address::File(file.into())), "{text}");
    }
}

#[test]
fn a_url_names_a_server() {
    let address = postgres("postgresql://ada:p%40ss%2Fw@db.example:5433/links?pool_size=4&statement_timeout=9");
    assert_eq!(address.to_string(), "postgres://ada@db.example:5433/links");
    assert_eq!(address.user.as_deref(), Some("ada"));
    assert!(address.password.unwrap().matches(&Secret::new("p@ss/w")));
    assert_eq!((address.pool_size, address.statement_timeout), (4, Duration::from_secs(9)));
    let socket = postgres("postgres:///links?host=/run/postgresql&user=ada&options=-c%20search_path=links");
    assert_eq!((socket.hosts.names(), socket.hosts.ports()), ("/run/postgresql".to_owned(), "5432".to_owned()));
    assert!(socket.password.is_none());
    assert_eq!(socket.options.as_deref(), Some("-c search_path=links"));
}

#[test]
fn several_servers_are_asked_in_their_order() {
    for (text, shown) in [
        (
            "postgres://ada:p,w@one.example,two.example:5433/links",
            "postgres://ada@one.example:5432,two.example:5433/links",
        ),
        (
            "postgres://one.example:6000,[2001:db8::7]:6001,192.0.2.7/links",
            "postgres://one.example:6000,2001:db8::7:6001,192.0.2.7:5432/links",
        ),
        ("postgres://localhost:5433/links?host=/run/one,/run/two", "postgres:///run/one:5433,/run/two:5433/links"),
        (
            "postgres:///links?host=one.example,two.example&user=ada",
            "postgres://ada@one.example:5432,two.example:5432/links",
        ),
    ] {
        assert_eq!(postgres(text).to_string(), shown, "{text}");
    }
    let apart = postgres("postgres://ada:p,w@one.example,two.example/links?sslmode=disable");
    assert!(apart.password.unwrap().matches(&Secret::new("p,w")));
    assert_eq!(apart.encryption, Encryption::Off);
}

#[test]
fn the_way_is_encrypted_unless_it_stays_on_this_machine() {
    let verified = |roots: Option<&str>| Encryption::Verified(roots.map(PathBuf::from));
    for (text, encryption) in [
        ("postgres://db.example/links", verified(None)),
        ("postgres://192.0.2.7/links", verified(None)),
        ("postgres://db.example/links?sslmode=disable", Encryption::Off),
        ("postgres://localhost/links", Encryption::Off),
        ("postgres://127.0.0.1/links", Encryption::Off),
        ("postgres://[::1]/links", Encryption::Off),
        ("postgres:///links?host=/run/postgresql", Encryption::Off),
        ("postgres:///links?host=/run/one,/run/two", Encryption::Off),
        ("postgres://localhost,127.0.0.1/links", Encryption::Off),
        ("postgres://localhost,db.example/links", verified(None)),
        ("postgres://localhost/links?sslmode=verify-full", verified(None)),
        ("postgres://localhost/links?sslmode=require&sslrootcert=/ca.pem", verified(Some("/ca.pem"))),
    ] {
        assert_eq!(postgres(text).encryption, encryption, "{text}");
    }
}

#[test]
fn what_cannot_be_used_is_told_without_the_password() {
    for (text, word) in [
        ("mysql://ada:hunter2@db.example/links", "sqlite:"),
        ("postgres://ada:hunter2@db.example", "no database"),
        ("postgres://ada:hunter2@db.example:port/links", "not a URL"),
        ("postgres://ada:hunter2@db.example,/links", "not a URL"),
        ("postgres://ada:hunter2@db.example,b:port/links", "not a URL"),
        ("postgres://ada:hunter2@db.example,b", "no database"),
        ("postgres://ada:hunter2@db.example/links?sslmode=prefer", "sslmode"),
        ("postgres://ada:hunter2@db.example/links?pool_size=0", "pool_size"),
        ("postgres://ada:hunter2@db.example/links?connect_timeout=1001", "connect_timeout"),
        ("postgres://ada:hunter2@db.example/links?keepalives=1", "keepalives"),
    ] {
        let said = Address::parse(text).unwrap_err().to_string();
        assert!(said.contains(word) && !said.contains("hunter2"), "{said}");
    }
    let shown = Address::parse("postgres://ada:hunter2@db.example/links?options=x").unwrap();
    assert_eq!(shown.to_string(), "postgres://ada@db.example:5432/links");
    assert!(!format!("{shown:?}").contains("hunter2"), "{shown:?}");
}
