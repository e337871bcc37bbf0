//! Codes of the command line, of documents on pipes and of configuration.

codes! {
    P0001 Usage Error "no manifests here";
    P0002 Usage Error "stack or environment not given, or unknown";
    P0003 Invalid Error "document of another kind than is wanted";
    P0004 Invalid Error "document of a version that this panka does not know";
    P0005 Invalid Error "standard input is not one whole JSON document";
    P0006 Invalid Error "document has an unknown field, lacks one, or one has the wrong type";
    P0007 Invalid Error "documents do not fit each other";
    P0008 Usage Error "no terminal to ask on";
    P0009 Usage Error "selector malformed, or it matches nothing";
    P0010 Usage Error "malformed variable on the command line or in a variable file";
    P0011 Usage Error "jq filter is not valid";
    P0012 Failure Error "jq filter failed on this document";
    P0013 Usage Error "configuration is not valid";
    P0014 Failure Error "file cannot be read or written";
    P0015 Usage Error "not offered here";
    P0016 Usage Error "no such name";
    P0017 Usage Error "option value out of range or malformed";
    P0018 Usage Error "target exists already";
    P0070 Bug Error "internal error";
}
