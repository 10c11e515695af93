import { dirname, resolve } from 'node:path';
import { useNetwork } from '@goodput/devnet/testing';
import { expect } from 'chai';
import { AccessPolicyContract } from '../access/access-policy-contract.js';
import { AuditLogContract } from './audit-log-contract.js';
import type { AuditPage } from './query.js';

// The project brings the indexes.
const project = resolve(dirname(__filename), '../../../../chaincode/audit-log');

describe('rich queries of the audit log, by CouchDB’s rules,', function () {
    this.timeout(120_000);
    const fabric = useNetwork({
        stateDatabase: 'couchdb',
        chaincodes: [
            {
                name: 'audit',
                contracts: [AuditLogContract, AccessPolicyContract],
                indexes: project,
            },
        ],
        prepare: async ({ network }) => {
            await network.organization().enrol({ name: 'ann', role: 'admin' });
        },
    });

    it('find what queries by keys find', async () => {
        const audit = fabric.contract('audit', { user: 'ann' });
        const resource = { type: 'note', id: 'n1' };
        const record = { action: 'read', resource, purpose: 'TREAT', patient: 'p1' };
        const records = [
            { ...record, outcome: 'permit' },
            { ...record, outcome: 'deny', patient: 'p2', breakGlass: true },
        ];
        await audit.submit('append', 'default', JSON.stringify(records));
        const now = Date.now();
        const window = { tenant: 'default', from: now - 3_600_000, to: now + 3_600_000 };
        for (const more of [
            {},
            { patient: 'p2' },
            { resource },
            { outcome: 'deny' },
            { breakGlass: true },
            { patient: 'p3' },
        ]) {
            const query = JSON.stringify({ ...window, ...more });
            const rich = JSON.parse(await audit.evaluate('richQuery', query)) as AuditPage;
            const keyed = JSON.parse(await audit.evaluate('query', query)) as AuditPage;
            expect(rich.events).to.have.deep.members([...keyed.events]);
        }
    });
});
