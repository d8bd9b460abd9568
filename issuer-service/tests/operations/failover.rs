//! PostgreSQL restarted, and failing over to a standby, under two replicas that issue one job.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use storage_postgres::throwaway::{Ending, Server};

use crate::bulk::file;
use crate::kit::{FILE_KEYS, Service, configured, done};
use crate::stores::{neighbour, postgres};

/// The one address of a cluster: passes connections on to whoever is the primary now.
struct Address {
    port: u16,
    target: Arc<AtomicU16>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Address {
    fn of(target: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let address = Self { port, target: Arc::new(AtomicU16::new(target)), open: Arc::default() };
        let (target, open) = (Arc::clone(&address.target), Arc::clone(&address.open));
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let to = target.load(Ordering::SeqCst);
                let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else { continue };
                let pairs = [(&client, &server), (&server, &client)];
                for (from, to) in pairs {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    std::thread::spawn(move || pass(from, to));
                }
                open.lock().unwrap().extend([client, server]);
            }
        });
        address
    }

    /// All connections break, new ones go to `target`.
    fn move_to(&self, target: u16) {
        self.target.store(target, Ordering::SeqCst);
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut bytes = [0; 16_384];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

fn issued(service: &Service, id: &str) -> u64 {
    service.job(id)["progress"]["issued"].as_u64().unwrap()
}

#[test]
fn a_failover_in_the_middle_of_chunks_costs_no_row_and_doubles_none() {
    let primary = Server::start().unwrap();
    let url = primary.database().unwrap();
    let address = Address::of(primary.port());
    let url = url.replace(&format!(":{}/", primary.port()), &format!(":{}/", address.port));
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let config = configured(&one, &postgres(&one, &url), FILE_KEYS, "");
    done(&config, &["init"]);
    done(&config, &["store", "migrate"]);
    let other = neighbour(&config, &two, &postgres(&two, &url));
    // A chunk whose claim was committed and whose credentials were not is taken up again soon.
    for config in [&config, &other] {
        let text = std::fs::read_to_string(config).unwrap();
        std::fs::write(config, text + "[jobs]\nlease_seconds = 5\n").unwrap();
    }
    let replicas = [Service::start(&config), Service::start(&other)];
    let rows = 8_000;
    let id = replicas[0].approved(&file(rows));
    // Every commit is on the standby before it is acknowledged.
    let standby = primary.standby().unwrap();

    replicas[0].run_job(&id);
    replicas[1].until(&id, "begun", |job| job["progress"]["issued"].as_u64() > Some(0));
    let before = issued(&replicas[1], &id);
    primary.end(Ending::Killed).unwrap();
    standby.promote().unwrap();
    address.move_to(standby.port());
    let after = replicas[0].until(&id, "answered by the standby", |job| job["id"] == id.as_str());
    let after = after["progress"]["issued"].as_u64().unwrap();
    assert!(after >= before, "nothing acknowledged is lost: {before} then {after}");
    // And the new primary crashes and comes again, while the job still runs or is just over.
    standby.end(Ending::Immediate).unwrap();
    standby.start_again().unwrap();
    replicas[1].all_issued_once(&id, rows);
}
