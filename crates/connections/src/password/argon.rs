//! Argon2id itself.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use sayso_token::secret::Secret;

pub(super) const SALT_BYTES: usize = 16;
const OUTPUT_BYTES: usize = 32;
/// Memory in KiB, passes, lanes: the second of OWASP's recommended sets.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// The dearest stored hash that is still computed: a row of the database may not buy more memory or time than this.
const DEAREST_MEMORY_KIB: u32 = 4 * MEMORY_KIB;
const DEAREST_PASSES: u32 = 10;
/// Address space asked for at least, in blocks of 1 KiB. From 32 MiB on, glibc gives memory back to the system the
/// moment it is freed; below, it may keep each thread's last 19 MiB for good. Only what is written becomes real memory.
const RESERVED_BLOCKS: usize = 33 * 1024;

/// The PHC string of a new password; `None` without memory.
pub(super) fn hash(password: &Secret, salt: &[u8; SALT_BYTES]) -> Option<Secret> {
    let params = params()?;
    let output = compute(&params, password, salt, OUTPUT_BYTES)?;
    let hash = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).ok()?,
        salt: Some(Salt::new(salt).ok()?),
        hash: Some(output),
    };
    Some(Secret::new(hash.to_string()))
}

/// Whether the password fits the PHC string. Without a usable one, as much work and then no.
pub(super) fn fits(stored: Option<&Secret>, offered: &Secret) -> bool {
    if let Some(known) = stored.and_then(|stored| Known::read(stored.expose())) {
        // Compared in constant time by `Output` itself.
        return compute(&known.params, offered, &known.salt, known.output.len()).is_some_and(|got| got == known.output);
    }
    // `black_box` keeps the work from being optimised away.
    std::hint::black_box(params().and_then(|params| compute(&params, offered, &[0; SALT_BYTES], OUTPUT_BYTES)));
    false
}

/// What a PHC string says.
struct Known {
    params: Params,
    salt: Salt,
    output: Output,
}

impl Known {
    fn read(phc: &str) -> Option<Self> {
        let hash = PasswordHash::new(phc).ok()?;
        let current = hash.version == Some(Version::V0x13.into());
        if hash.algorithm != ARGON2ID_IDENT || !current {
            return None;
        }
        let params = Params::try_from(&hash).ok()?;
        if params.m_cost() > DEAREST_MEMORY_KIB || params.t_cost() > DEAREST_PASSES {
            return None;
        }
        Some(Self { params, salt: hash.salt?, output: hash.hash? })
    }
}

fn params() -> Option<Params> {
    Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT_BYTES)).ok()
}

fn compute(params: &Params, password: &Secret, salt: &[u8], length: usize) -> Option<Output> {
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let wanted = params.block_count();
    let mut blocks = Vec::new();
    blocks.try_reserve_exact(wanted.max(RESERVED_BLOCKS)).ok()?;
    blocks.resize_with(wanted, Block::default);
    let mut output = [0; Output::MAX_LENGTH];
    let output = output.get_mut(..length)?;
    argon.hash_password_into_with_memory(password.expose().as_bytes(), salt, output, &mut blocks).ok()?;
    Output::new(output).ok()
}
