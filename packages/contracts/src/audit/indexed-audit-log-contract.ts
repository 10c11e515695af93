import type { GoodputContext } from '@goodput/chaincode';
import { requireAdministrator, type AdministrationOptions } from '../access/administration.js';
import { parseJson } from '../ledger.js';
import type { AuditOptions } from './append.js';
import { AuditLogContract } from './audit-log-contract.js';
import { queryAudit, validateQuery, type AuditPage } from './query.js';

/** {@link AuditLogContract} for ledgers in CouchDB: bring the indexes that `richAuditQuery` names. */
export class IndexedAuditLogContract extends AuditLogContract {
    readonly #options: AuditOptions & AdministrationOptions;

    constructor(options: AuditOptions & AdministrationOptions = {}) {
        super(options);
        this.#options = options;
    }

    /** One page of events by CouchDB's indexes; packed rows are not found. */
    async richQuery(ctx: GoodputContext, query: string): Promise<AuditPage> {
        const checked = validateQuery(parseJson(query, 'AUDIT_QUERY_INVALID', 'the query'));
        const what = { tenant: checked.tenant, action: 'audit.read' };
        await requireAdministrator(ctx, this.#options, what);
        return queryAudit(ctx, checked, { ...this.#options, indexes: 'couchdb' });
    }
}
