//! Faults of the transport on an index: an upload that was cut leaves nothing and can be repeated.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use plimsoll_harbor::{Effect, Fault, Faults, Harbor, ServeOptions};

use crate::index::{AUTHORIZATION, TestIndex};
use crate::wheels::Form;

fn serve(index: &TestIndex, fault: Fault) -> Harbor {
    let options = ServeOptions { faults: Faults::none().with(fault), ..ServeOptions::default() };
    Harbor::serve(index.simple.clone(), options).unwrap()
}

/// Uploads over a socket; the status, 0 if there is no answer.
fn upload(harbor: &Harbor, form: &Form) -> u16 {
    let body = form.body();
    let head = format!(
        "POST /legacy/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=-b-\r\n{AUTHORIZATION}Content-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(harbor.url().strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // Whether all of it arrives is the server's business.
    let _ = stream.write_all(&[head.as_bytes(), &body].concat());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).split(' ').nth(1).map_or(0, |status| status.parse().unwrap())
}

#[test]
fn an_upload_that_was_cut_anywhere_leaves_nothing_and_is_repeated() {
    let form = Form::of_wheel("htty_core", "1.0", "a");
    let length = form.body().len() as u64;
    for cut in (0..length).step_by(97).chain(length - 3..length) {
        let index = TestIndex::new();
        let harbor = serve(&index, Fault::new("/legacy/", Effect::CutRequest(cut)).first(1));
        assert_eq!(upload(&harbor, &form), 0, "{cut}");
        assert_eq!((index.files(), index.simple.uploaded().len()), (0, 0), "{cut}");
        assert_eq!(upload(&harbor, &form), 200, "{cut}");
        assert_eq!((index.files(), index.simple.uploaded().len()), (1, 1), "{cut}");
    }
}

#[test]
fn an_upload_whose_answer_was_lost_is_there_once() {
    let form = Form::of_wheel("htty_core", "1.0", "a");
    for (fault, status, files) in [
        (Fault::new("/legacy/", Effect::NoAnswer).after().first(1), 0, 1),
        (Fault::new("/legacy/", Effect::Status(500)).after().first(1), 500, 1),
        (Fault::new("/legacy/", Effect::Status(503)).first(1), 503, 0),
        (Fault::new("/legacy/", Effect::NoAnswer).first(1), 0, 0),
    ] {
        let index = TestIndex::new();
        let harbor = serve(&index, fault);
        assert_eq!((upload(&harbor, &form), index.files()), (status, files));
        assert_eq!((upload(&harbor, &form), index.files()), (200, 1));
    }
}

#[test]
fn of_many_uploads_of_one_name_one_wins() {
    let index = TestIndex::with(|options| {
        options.check = Box::new(|_| {
            std::thread::sleep(Duration::from_millis(50));
            Ok(())
        });
    });
    let harbor = serve(&index, Fault::new("/none", Effect::NoAnswer));
    let statuses = std::thread::scope(|scope| {
        let harbor = &harbor;
        let threads = ["a", "b", "c", "d"].map(|says| scope.spawn(move || upload(harbor, &Form::of_wheel("htty_core", "1.0", says))));
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 3, "{statuses:?}");
    assert_eq!((index.files(), index.simple.uploaded().len()), (1, 1));
}
