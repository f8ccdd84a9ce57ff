//! Loopback of a network namespace, which is there from the beginning and is down: brought up by one message to the kernel (rtnetlink(7)).

use rustix::io::{Errno, Result};
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, sendto, socket_with};

/// What the message is: `RTM_NEWLINK` of linux/rtnetlink.h.
const NEW_LINK: u16 = 16;
/// `NLM_F_REQUEST` and `NLM_F_ACK`, and what is answered: `NLMSG_ERROR`, with 0 for success; linux/netlink.h.
const REQUEST_AND_ACKNOWLEDGE: u16 = 0x1 | 0x4;
const ERROR: u16 = 2;
/// `IFF_UP` of linux/if.h.
const UP: u32 = 1;
/// Loopback's number in every namespace: `LOOPBACK_IFINDEX` of the kernel.
const LOOPBACK: i32 = 1;
/// Bytes of a header, and of what follows it here: `struct nlmsghdr`, `struct ifinfomsg`.
const HEADER: usize = 16;
const LINK: usize = 16;

pub(super) fn up() -> Result<()> {
    // Its first protocol, `NETLINK_ROUTE`, is 0.
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
    // Port 0 is the kernel.
    sendto(&socket, &message(), SendFlags::empty(), &SocketAddrNetlink::new(0, 0))?;
    let mut answer = [0; 256];
    let (_, length) = recv(&socket, &mut answer, RecvFlags::empty())?;
    refusal(&answer[..length.min(answer.len())])
}

fn message() -> Vec<u8> {
    let length = u32::try_from(HEADER + LINK).unwrap_or_default();
    let mut bytes = Vec::with_capacity(HEADER + LINK);
    bytes.extend(length.to_ne_bytes());
    bytes.extend(NEW_LINK.to_ne_bytes());
    bytes.extend(REQUEST_AND_ACKNOWLEDGE.to_ne_bytes());
    // Its number in a sequence, and the sender's port, which the kernel puts in.
    bytes.extend([0; 8]);
    // Any family and type.
    bytes.extend([0; 4]);
    bytes.extend(LOOPBACK.to_ne_bytes());
    // The flags, and which of them are changed.
    bytes.extend(UP.to_ne_bytes());
    bytes.extend(UP.to_ne_bytes());
    bytes
}

fn refusal(answer: &[u8]) -> Result<()> {
    let number = |at: usize| answer.get(at..at + 4)?.try_into().ok().map(i32::from_ne_bytes);
    let is_answer = answer.get(4..6) == Some(&ERROR.to_ne_bytes());
    match number(HEADER).filter(|_| is_answer) {
        Some(0) => Ok(()),
        Some(error) => Err(Errno::from_raw_os_error(error.saturating_neg())),
        None => Err(Errno::PROTO),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_s_refusal_is_told() {
        let answer = |kind: u16, error: i32| {
            let mut bytes = vec![0; 36];
            bytes[4..6].copy_from_slice(&kind.to_ne_bytes());
            bytes[HEADER..HEADER + 4].copy_from_slice(&error.to_ne_bytes());
            refusal(&bytes)
        };
        assert_eq!(message().len(), 32);
        assert_eq!(answer(ERROR, 0), Ok(()));
        assert_eq!(answer(ERROR, -1), Err(Errno::PERM));
        assert_eq!(answer(NEW_LINK, 0), Err(Errno::PROTO));
        assert_eq!(refusal(&[]), Err(Errno::PROTO));
    }
}
