import { startNetwork } from '@goodput/devnet';
import { TestClient, type TestContract } from '@goodput/devnet/testing';
import type { FiguresReport } from '@goodput/figures';
import { AccessPolicyContract, AuditLogContract, type AuditRecord } from '../index.js';

const record: AuditRecord = {
    action: 'read',
    resource: { type: 'note', id: 'n1' },
    purpose: 'TREAT',
    outcome: 'permit',
    patient: 'p1',
};

interface Load {
    readonly transactions: number;
    readonly callers: number;
    readonly records: number;
    readonly call: 'append' | 'appendPacked';
}

/** Events a second, end to end; throws when one does not commit. */
async function rate(contract: TestContract, load: Load): Promise<number> {
    const text = JSON.stringify(Array<AuditRecord>(load.records).fill(record));
    let left = load.transactions;
    const started = process.hrtime.bigint();
    const caller = async (): Promise<void> => {
        while (left-- > 0) {
            const { code } = await contract.submit(load.call, 'default', text);
            if (code !== 'VALID') throw new Error(`an append ended as ${code}`);
        }
    };
    await Promise.all(Array.from({ length: load.callers }, caller));
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    return (load.transactions * load.records) / seconds;
}

/** Appends on the embedded network: a hundred in a transaction against one transaction each. */
export async function appendFigures(report: FiguresReport): Promise<void> {
    const network = await startNetwork({ block: { timeoutMs: 20 } });
    const client = new TestClient(network);
    try {
        await network.deploy({
            name: 'audit',
            contracts: [AuditLogContract, AccessPolicyContract],
        });
        const contract = client.contract('audit');
        const rounds = report.options.quick ? 3 : 7;
        const [single, rows, packed]: number[][] = [[], [], []];
        for (let round = 0; round < rounds; round++) {
            const many = { transactions: 10, callers: 4, records: 100 };
            single?.push(
                await rate(contract, {
                    transactions: 200,
                    callers: 50,
                    records: 1,
                    call: 'append',
                }),
            );
            rows?.push(await rate(contract, { ...many, call: 'append' }));
            packed?.push(await rate(contract, { ...many, call: 'appendPacked' }));
        }
        const baseline = { name: 'one transaction each, 50 callers', values: single ?? [] };
        const row = { unit: 'events/s', better: 'higher', baseline } as const;
        report.add({ ...row, id: 'contracts.audit-append', ours: rows ?? [] });
        report.add({ ...row, id: 'contracts.audit-append-packed', ours: packed ?? [] });
    } finally {
        client.close();
        await network.stop();
    }
}
