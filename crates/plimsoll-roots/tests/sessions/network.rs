//! The harbor's network: its listeners and nothing else.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use plimsoll_model::Outcome;
use plimsoll_roots::{ExecEnv, HarborNetwork, NetworkAccess};

use crate::fixture::{Fixture, NotRun, client, script};
use crate::hostile::{gone_soon, processes};

fn harbor(place: &Fixture, ports: &[u16]) -> Result<(HarborNetwork, Vec<TcpListener>), NotRun> {
    HarborNetwork::begin(place.launcher(), place.path(), ports).map_err(|reason| NotRun(None, reason.to_string()))
}

/// Answers each question with a word.
fn serve(listener: TcpListener, word: &'static str) {
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 6]);
            let _ = stream.write_all(word.as_bytes());
        }
    });
}

pub fn only_the_harbor_is_reached(place: &Fixture) -> Result<(), NotRun> {
    let host = TcpListener::bind("127.0.0.1:0").unwrap();
    let host_port = host.local_addr().unwrap().port();
    serve(host, "host");
    let (network, listeners) = harbor(place, &[80, 0])?;
    let addresses = listeners.iter().map(|listener| listener.local_addr().unwrap()).collect::<Vec<_>>();
    assert_eq!(addresses[0].to_string(), "127.0.0.1:80");
    for (listener, word) in listeners.into_iter().zip(["first", "second"]) {
        serve(listener, word);
    }
    for name in ["tiny:1", "sandbox", "scrubbed"] {
        let exec_env = ExecEnv { network: NetworkAccess::Harbor(network.clone()), ..place.root(name).unwrap() };
        let session = &mut place.begin(&exec_env)?;
        for _ in 0..2 {
            assert_eq!(place.run(session, &["ask", "127.0.0.1:80"]), "first");
            assert_eq!(place.run(session, &["ask", &addresses[1].to_string()]), "second");
        }
        if name != "scrubbed" {
            assert_eq!(place.run(session, &["interfaces"]), "lo");
        }
        for address in [&format!("127.0.0.1:{host_port}"), "192.0.2.1:80", "[::1]:80", "1.1.1.1:443"] {
            let refused = place.step(session, &client(&["ask", address]));
            assert!(matches!(refused.outcome, Outcome::Failed(_)), "{name} {address}: {refused:?}");
        }
    }
    // A missing program of the artifact is its failure, whatever was entered before.
    let exec_env = ExecEnv { network: NetworkAccess::Harbor(network.clone()), ..place.root("scrubbed").unwrap() };
    let absent = place.step(&mut place.begin(&exec_env)?, &script("exec /no/such/program"));
    assert!(matches!(absent.outcome, Outcome::Failed(_)), "{absent:?}");
    // Nor is it reached from outside, or from a root without a network.
    let exec_env = place.system();
    let alone = place.step(&mut place.begin(&exec_env)?, &client(&["ask", &addresses[1].to_string()]));
    assert!(matches!(alone.outcome, Outcome::Failed(_)), "{alone:?}");
    assert!(std::net::TcpStream::connect(addresses[1]).is_err());
    Ok(())
}

pub fn a_network_ends_with_its_value(place: &Fixture) -> Result<(), NotRun> {
    // The last port tells the holder from those of other tests; the first is the same in both networks.
    let own = 20_000 + u16::try_from(std::process::id() % 20_000).unwrap();
    let (first, second) = (own.to_string(), (own + 20_000).to_string());
    let (one, _listeners) = harbor(place, &[8080, own])?;
    let (other, _others) = harbor(place, &[8080, own + 20_000])?;
    assert_eq!((processes(&first).len(), processes(&second).len()), (1, 1));
    drop(other);
    assert!(gone_soon(&second));
    let exec_env = ExecEnv { network: NetworkAccess::Harbor(one.clone()), ..place.system() };
    drop(one);
    assert_eq!(place.run(&mut place.begin(&exec_env)?, &["interfaces"]), "lo");
    // It ends with the last one who has it.
    drop(exec_env);
    assert!(gone_soon(&first));
    let refused = HarborNetwork::begin(place.launcher(), place.path(), &[0; 17]).unwrap_err();
    assert!(refused.to_string().contains("17 ports"), "{refused}");
    // A port that is taken twice.
    let refused = HarborNetwork::begin(place.launcher(), place.path(), &[90, 90]).unwrap_err();
    assert!(refused.to_string().contains("port 90"), "{refused}");
    Ok(())
}
