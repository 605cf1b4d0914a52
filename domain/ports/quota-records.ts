/** A limit of a tenant, and how much of it the tenant uses. */
export interface QuotaUse {
  readonly limit: number;
  readonly used: number;
}

export interface TenantQuota {
  /** Stores that are not deleted. */
  readonly stores: QuotaUse;
  /** Operations that hold a tenant slot. */
  readonly runningOperations: QuotaUse;
}

/** Reads the quotas of tenants. @throws StoreError DATABASE_UNAVAILABLE */
export interface QuotaRecords {
  quotaOf(tenantId: string): Promise<TenantQuota>;
}
