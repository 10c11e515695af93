import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Context } from 'fabric-contract-api';
import { Caller } from './caller.js';

// Two certificates of one enrolment. The first is as a Fabric CA makes it for an affiliation: its units stand
// in one set of the name, as `OU=admin+OU=org1+OU=a\\+b`.
const WITH_AFFILIATION = `-----BEGIN CERTIFICATE-----
MIICAzCCAamgAwIBAgIUPNreYEpjczwP2NFFnsbBmaDkFuUwCgYIKoZIzj0EAwIw
VzELMAkGA1UEBhMCVVMxETAPBgNVBAoMCEhvc3BpdGFsMScwCgYDVQQLDANhK2Iw
CwYDVQQLDARvcmcxMAwGA1UECwwFYWRtaW4xDDAKBgNVBAMMA2FubjAeFw0yNjEx
MjgxMzA5MDBaFw0zNjExMjUxMzA5MDBaMFcxCzAJBgNVBAYTAlVTMREwDwYDVQQK
DAhIb3NwaXRhbDEnMAoGA1UECwwDYStiMAsGA1UECwwEb3JnMTAMBgNVBAsMBWFk
bWluMQwwCgYDVQQDDANhbm4wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATrCMMF
/tMg0DeHMBizqx6cM0PmK1r2QNyK8oji4qZYn/6iVd5cwT6BY8DTFWi4cJa2iJhk
ES2HkYyIXVULHRw4o1MwUTAdBgNVHQ4EFgQUHZeNZB3ZrLEXbL9Pbd8J0qH1+/kw
HwYDVR0jBBgwFoAUHZeNZB3ZrLEXbL9Pbd8J0qH1+/kwDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNIADBFAiEA+BPQHGj/upZLq83SnPM1b0h+FCiTg5UdZW7B
FHLw0OgCICd2Gk9UVLWOAmtMDolKpuVxReexiEQkFdu+AD0pJPFP
-----END CERTIFICATE-----`;
const WITHOUT = `-----BEGIN CERTIFICATE-----
MIIB0zCCAXmgAwIBAgIUYHd5+P9FydHE6Fvf+8zty6XyU50wCgYIKoZIzj0EAwIw
PzELMAkGA1UEBhMCVVMxETAPBgNVBAoMCEhvc3BpdGFsMQ8wDQYDVQQLDAZjbGll
bnQxDDAKBgNVBAMMA2FubjAeFw0yNjExMjgxMzA5MDBaFw0zNjExMjUxMzA5MDBa
MD8xCzAJBgNVBAYTAlVTMREwDwYDVQQKDAhIb3NwaXRhbDEPMA0GA1UECwwGY2xp
ZW50MQwwCgYDVQQDDANhbm4wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAT2aHGA
18ww9BzEUStGSGC9bfoAYjEsNA4CUjZ4qAL7La+DCbsoEUhYWm0C4u8zEZSE21nA
iQWb3fCXvM0oIOxvo1MwUTAdBgNVHQ4EFgQUm84XGEDnfUzAXctskC+NnW68izcw
HwYDVR0jBBgwFoAUm84XGEDnfUzAXctskC+NnW68izcwDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNIADBFAiEA8da3qS5MvU/qG077JgvQdfkqKsAr80O+htMt
vJZub/QCIEkwO/SN2dfoZ+IJlBxBlrCce8QZB8aSxP1vmBJRArBZ
-----END CERTIFICATE-----`;

function callerOf(certificate: string, id: string, mspId = 'Org1MSP'): Caller {
    const identity = {
        getMSPID: () => mspId,
        getID: () => id,
        getIDBytes: () => Buffer.from(certificate),
        getAttributeValue: () => null,
    };
    return new Caller(identity as unknown as Context['clientIdentity']);
}

describe('the caller', () => {
    it('has the units of an affiliation, each by itself', () => {
        const { units } = callerOf(WITH_AFFILIATION, 'x509::/OU=admin/CN=ann');
        expect([...units].sort()).to.deep.equal(['a+b', 'admin', 'org1']);
        expect(callerOf(WITHOUT, 'x').units).to.deep.equal(['client']);
    });

    it('leaves TLS whole for whoever loads it after', () => {
        const module = JSON.stringify(join(__dirname, 'caller.js'));
        const identity = `{ getIDBytes: () => Buffer.from(${JSON.stringify(WITHOUT)}) }`;
        const program = `const { Caller } = require(${module}); new Caller(${identity}).units;
            process.stdout.write(typeof require('node:tls').createSecureContext)`;
        const printed = execFileSync(process.execPath, ['-e', program]).toString();
        expect(printed).to.equal('function');
    });

    it('is one person by whichever certificate, and another in another organisation', () => {
        const one = callerOf(WITH_AFFILIATION, 'x509::/OU=admin/CN=ann');
        const two = callerOf(WITHOUT, 'x509::/OU=client/CN=ann');
        expect(one.key).not.to.equal(two.key);
        expect(one.person).to.equal(two.person);
        expect(callerOf(WITHOUT, 'x', 'Org2MSP').person).not.to.equal(two.person);
    });
});
