import { columns, isPartial } from './index-definition.js';
import type { FindRequest } from './find-request.js';
import type { Candidate } from './plan.js';
import { notRequired } from './usability.js';

function missing({ index }: Candidate, request: FindRequest): string {
    const sort = request.sort.map(({ field }) => field);
    const wanted = columns(index).filter((name) => name !== '_id' && !sort.includes(name));
    return notRequired(request.selector, wanted)
        .map((name) => `"${name}"`)
        .join(', ');
}

/**
 * Says in a sentence why CouchDB passed over an index, and what would change that.
 *
 * @example
 * ```ts
 * plan.candidates.map((candidate) => rejectionText(candidate, plan.request));
 * ```
 */
export function rejectionText(candidate: Candidate, request: FindRequest): string {
    const { index } = candidate;
    switch (candidate.reason) {
        case 'field_mismatch':
            return index.name === '_all_docs'
                ? 'a sort over all documents needs a condition on _id'
                : `the selector does not require ${missing(candidate, request)}, so rows without it ` +
                      'would be lost; ask for it or use an index without that column';
        case 'sort_order_mismatch':
            return (
                'it does not yield the sort: after leading columns held constant by $eq, the sort ' +
                'must be a prefix of the columns'
            );
        case 'is_partial':
            return isPartial(index)
                ? 'it holds a part of the documents only; name it in use_index and repeat its filter'
                : 'it holds a part of the documents only';
        case 'less_overlap':
            return 'its leading columns use fewer of the conditions than the chosen index';
        case 'too_many_fields':
            return 'it uses as many conditions as the chosen index but has more columns';
        case 'alphabetically_comes_after':
            return 'it is as good as the chosen index, whose design document and name sort first';
        case 'excluded_by_user':
            return 'use_index names another index';
        case 'unfavored_type':
            return 'an index is preferred to reading every document';
        default:
            return candidate.reason;
    }
}
