use super::*;

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Source: RFC 6979 appendix A.2.7 (P-521), SHA-512, message "sample".
#[test]
fn rfc6979_known_answer() {
    let key = SigningKey::from_slice(&bytes(
        "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836\
         a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538",
    ))
    .unwrap();
    let signature = sign(&key, b"sample").unwrap();
    assert_eq!(
        signature.to_bytes().to_vec(),
        bytes(
            "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450\
             606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa00617cce7cf5064806c467f678d3b4080d6f\
             1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1e\
             e0e44da4a67a"
        )
    );
    assert_eq!(sign(&key, b"sample").unwrap(), signature, "one message, one signature");
    assert_ne!(sign(&key, b"test").unwrap(), signature);
}
