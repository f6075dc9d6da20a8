//! Host names of jobs and ports.
//!
//! A label of DNS has at most 63 characters and no case, so a job's address in base58 does not fit:
//! the label is the address in base32 (RFC 4648, lower case, without padding; 52 characters), a
//! hyphen and the port.

use std::{fmt, str::FromStr};

use data_encoding::BASE32_NOPAD;
use solana_address::Address;

/// The longest name of DNS, without the final dot.
const MAX_NAME_LENGTH: usize = 253;
/// The longest label of DNS.
const MAX_LABEL_LENGTH: usize = 63;
/// An address in base32, a hyphen, and the longest port.
const JOB_LABEL_LENGTH: usize = 52 + 1 + 5;

/// A port of a job, as the first label of a host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JobHost {
    /// The job's account.
    pub job: Address,
    /// The port.
    pub port: u16,
}

impl fmt::Display for JobHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let job = BASE32_NOPAD.encode(self.job.as_ref()).to_ascii_lowercase();
        write!(f, "{job}-{}", self.port)
    }
}

impl JobHost {
    /// Reads a label in any case. Each port of a job has one spelling.
    pub fn parse_label(label: &str) -> Option<Self> {
        let (job, port) = label.split_once('-')?;
        let decoded = BASE32_NOPAD.decode(job.to_ascii_uppercase().as_bytes()).ok()?;
        let job = Address::new_from_array(decoded.try_into().ok()?);

        let is_plain = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
        let port = port.parse().ok().filter(|_| is_plain)?;
        Some(Self { job, port })
    }
}

/// What a host name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostTarget {
    /// The domain itself.
    Domain,
    /// A port of a job.
    Job(JobHost),
    /// Nothing that this gateway serves.
    Unknown,
}

/// The domain below which jobs have their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain(String);

impl Domain {
    /// Finds what the value of a `Host` header names.
    pub fn find_target(&self, host: &str) -> HostTarget {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        if name == self.0 {
            return HostTarget::Domain;
        }

        let label = name.strip_suffix(&self.0).and_then(|rest| rest.strip_suffix('.'));
        let target = label.and_then(JobHost::parse_label);
        target.map_or(HostTarget::Unknown, HostTarget::Job)
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Domain {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_label_byte = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let is_label = |label: &str| {
            (1..=MAX_LABEL_LENGTH).contains(&label.len())
                && label.bytes().all(is_label_byte)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let is_short = text.len() + 1 + JOB_LABEL_LENGTH <= MAX_NAME_LENGTH;

        if !is_short || !text.split('.').all(is_label) {
            return Err(format!("`{text}` is not a valid domain; use one like jobs.example.com"));
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

/// How visitors reach a gateway: `https://jobs.example.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayUrl {
    scheme: &'static str,
    domain: Domain,
    port: Option<u16>,
}

impl GatewayUrl {
    /// The URL of a port of a job.
    pub fn job_url(&self, host: JobHost) -> String {
        let Self { scheme, domain, port } = self;
        let port = port.map_or_else(String::new, |port| format!(":{port}"));
        format!("{scheme}://{host}.{domain}{port}/")
    }
}

impl FromStr for GatewayUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || {
            format!("`{text}` is not the URL of a gateway; use one like https://jobs.example.com")
        };
        let (scheme, rest) = match text.split_once("://") {
            None => ("https", text),
            Some(("http", rest)) => ("http", rest),
            Some(("https", rest)) => ("https", rest),
            Some(_) => return Err(invalid()),
        };

        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (domain, port) = match rest.split_once(':') {
            None => (rest, None),
            Some((domain, port)) => (domain, Some(port.parse().map_err(|_| invalid())?)),
        };
        Ok(Self { scheme, domain: domain.parse().map_err(|_: String| invalid())?, port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain() -> Domain {
        "jobs.example.com".parse().unwrap()
    }

    fn example(seed: u8, port: u16) -> JobHost {
        JobHost { job: Address::new_from_array([seed; 32]), port }
    }

    #[test]
    fn names_of_jobs_are_labels_of_dns_in_any_case() {
        for host in [example(0, 1), example(7, 8080), example(255, 65_535)] {
            let label = host.to_string();
            assert!(label.len() <= MAX_LABEL_LENGTH && label == label.to_ascii_lowercase());
            let name = format!("{label}.jobs.example.com");

            for spelling in [
                name.clone(),
                name.to_ascii_uppercase(),
                format!("{name}."),
                format!("{name}:8088"),
                format!("{name}.:443"),
            ] {
                assert_eq!(domain().find_target(&spelling), HostTarget::Job(host), "{spelling}");
            }
        }
        assert_eq!(domain().find_target("Jobs.example.com:80"), HostTarget::Domain);
    }

    #[test]
    fn everything_else_is_unknown() {
        let label = example(7, 8080).to_string();
        let job = label.split_once('-').unwrap().0;
        let base58 = example(7, 1).job.to_string();

        for host in [
            String::new(),
            "example.com".to_owned(),
            "127.0.0.1:80".to_owned(),
            "[::1]:80".to_owned(),
            label.clone(),
            format!("{label}.example.com"),
            format!("{label}.evil.com"),
            format!("{label}.jobs.example.com.evil.com"),
            format!("{label}xjobs.example.com"),
            format!("a.{label}.jobs.example.com"),
            format!("user@{label}.jobs.example.com"),
            format!("{label}.jobs.example.com:80:80"),
            format!("{label}.jobs.example.com.."),
            format!("{job}.jobs.example.com"),
            format!("{job}-.jobs.example.com"),
            format!("{job}-0.jobs.example.com"),
            format!("{job}-08080.jobs.example.com"),
            format!("{job}-+80.jobs.example.com"),
            format!("{job}--80.jobs.example.com"),
            format!("{job}-65536.jobs.example.com"),
            format!("{}-80.jobs.example.com", &job[1..]),
            format!("{job}a-80.jobs.example.com"),
            format!("{base58}-80.jobs.example.com"),
            format!("{}9-80.jobs.example.com", &job[1..]),
        ] {
            assert_eq!(domain().find_target(&host), HostTarget::Unknown, "{host}");
        }

        // The last character of base32 has bits that no address has.
        let last = format!("{}b-80.jobs.example.com", &job[..51]);
        assert_eq!(domain().find_target(&last), HostTarget::Unknown);
    }

    #[test]
    fn domains_leave_room_for_a_label() {
        for text in ["localhost", "jobs.example.com", "a-b.c_d.e", "127.0.0.1.nip.io"] {
            assert_eq!(text.parse::<Domain>().unwrap().to_string(), text);
        }
        let long = ["a"; 120].join(".");
        let wide = "a".repeat(64);
        for text in ["", ".", ".com", "a..b", "a.", "-a.b", "http://a", "a:80", "a b", &long, &wide]
        {
            assert!(text.parse::<Domain>().is_err(), "{text}");
        }
    }

    #[test]
    fn urls_have_the_scheme_and_the_port_of_the_gateway() {
        let host = example(0, 8080);
        let name = format!("{}-8080", "a".repeat(52));
        for (gateway, expected) in [
            ("jobs.example.com", format!("https://{name}.jobs.example.com/")),
            ("https://Jobs.example.com/", format!("https://{name}.jobs.example.com/")),
            ("http://localhost:8088", format!("http://{name}.localhost:8088/")),
        ] {
            assert_eq!(gateway.parse::<GatewayUrl>().unwrap().job_url(host), expected);
        }
        for text in ["ftp://a", "https://", "https://a/b", "https://a:b", "https://a@b"] {
            assert!(text.parse::<GatewayUrl>().is_err(), "{text}");
        }
    }
}
