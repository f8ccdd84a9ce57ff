//! What the steps of sessions run: one act, told by words. It fails if the act does.

use std::error::Error;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

/// The word by which this program is told to be a step.
pub const STEP: &str = "__step";

pub fn run(words: impl Iterator<Item = String>) -> ExitCode {
    let words = words.collect::<Vec<_>>();
    match act(&words.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn act(words: &[&str]) -> Result<String, Box<dyn Error>> {
    let mode = |text: &str| u32::from_str_radix(text, 8).map(fs::Permissions::from_mode);
    let done = || Ok(String::new());
    match *words {
        ["write", path, text] => fs::write(path, text).map(|()| String::new()).map_err(Into::into),
        ["read", path] => Ok(fs::read_to_string(path)?),
        ["list", path] => {
            let mut names = fs::read_dir(path)?
                .map(|entry| entry.map(|entry| entry.file_name().into_string().unwrap()))
                .collect::<Result<Vec<_>, _>>()?;
            names.sort();
            Ok(names.join(" "))
        }
        ["remove", path] => {
            if fs::symlink_metadata(path)?.is_dir() {
                fs::remove_dir_all(path)?
            } else {
                fs::remove_file(path)?
            }
            done()
        }
        ["folder", path] => fs::create_dir_all(path).map(|()| String::new()).map_err(Into::into),
        ["mode", path, text] => fs::set_permissions(path, mode(text)?).map(|()| String::new()).map_err(Into::into),
        ["link", target, path] => symlink(target, path).map(|()| String::new()).map_err(Into::into),
        ["rename", from, to] => fs::rename(from, to).map(|()| String::new()).map_err(Into::into),
        ["owner", path, owner] => std::os::unix::fs::chown(path, Some(owner.parse()?), None).map(|()| String::new()).map_err(Into::into),
        ["user", number] => {
            let uid = rustix::process::Uid::from_raw(number.parse()?);
            rustix::thread::set_thread_uid(uid).map(|()| String::new()).map_err(Into::into)
        }
        ["device", path] => {
            use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};
            mknodat(CWD, path, FileType::CharacterDevice, Mode::RWXU, makedev(1, 3)).map(|()| String::new()).map_err(Into::into)
        }
        ["leave", mark] => {
            let mut left = Command::new(std::env::current_exe()?);
            // It has no pipe of ours, so that nobody waits for it.
            left.args([STEP, "sleep", mark]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            std::os::unix::process::CommandExt::process_group(&mut left, 0);
            left.spawn()?;
            done()
        }
        ["sleep", _] => loop {
            println!("asleep");
            std::thread::sleep(Duration::from_secs(1000));
        },
        ["status"] => Ok(fs::read_to_string("/proc/self/status")?),
        ["interfaces"] => {
            let devices = fs::read_to_string("/proc/net/dev")?;
            Ok(devices.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name.trim()).collect::<Vec<_>>().join(" "))
        }
        ["ask", address] => {
            let mut stream = TcpStream::connect_timeout(&address.parse::<SocketAddr>()?, Duration::from_secs(5))?;
            stream.write_all(b"hello\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        }
        _ => Err(format!("no act: {words:?}").into()),
    }
}
