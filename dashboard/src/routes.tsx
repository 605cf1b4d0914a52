import { lazy, type ComponentType, type LazyExoticComponent } from 'react';
import type { OperationId } from './api/access.ts';
import type { ROUTE_TEXTS } from './routes-texts.ts';
import type { IconName } from './ui/icon.tsx';

export type NavGroup = 'tenant' | 'settings' | 'operator';
export type RouteTitle = keyof (typeof ROUTE_TEXTS)['en'];

export interface Route {
  /** Pattern of the path, as wouter reads it. */
  readonly path: string;
  /** Key of the title in `routes-texts.ts`. It is the title of the document and the entry of the navigation. */
  readonly title: RouteTitle;
  /** The page is shown only to people who may call this operation. */
  readonly needs: OperationId;
  /** Part of the navigation that lists the page. Undefined: it is reached from another page. */
  readonly nav?: NavGroup;
  readonly icon: IconName;
  readonly Page: LazyExoticComponent<ComponentType>;
}

/** Loads the page of a route when it is shown for the first time. */
function page<Name extends string>(
  load: () => Promise<Readonly<Record<Name, ComponentType>>>,
  name: Name,
): LazyExoticComponent<ComponentType> {
  return lazy(async () => ({ default: (await load())[name] }));
}

/** All pages. The first route that matches a path is shown. */
export const ROUTES: readonly Route[] = [
  {
    path: '/',
    title: 'stores',
    needs: 'listStores',
    nav: 'tenant',
    icon: 'store',
    Page: page(() => import('./pages/stores/list.tsx'), 'StoreListPage'),
  },
  {
    path: '/overview',
    title: 'overview',
    needs: 'getStatistics',
    nav: 'tenant',
    icon: 'chart',
    Page: page(() => import('./pages/overview/overview.tsx'), 'OverviewPage'),
  },
  {
    path: '/stores/new',
    title: 'createStore',
    needs: 'createStore',
    icon: 'plus',
    Page: page(() => import('./pages/stores/create.tsx'), 'CreateStorePage'),
  },
  {
    path: '/stores/:id',
    title: 'store',
    needs: 'getStore',
    icon: 'store',
    Page: page(() => import('./pages/stores/store.tsx'), 'StorePage'),
  },
  {
    path: '/settings/members',
    title: 'members',
    needs: 'listMembers',
    nav: 'settings',
    icon: 'users',
    Page: page(() => import('./pages/settings/members.tsx'), 'MembersPage'),
  },
  {
    path: '/settings/tokens',
    title: 'tokens',
    needs: 'listTokens',
    nav: 'settings',
    icon: 'key',
    Page: page(() => import('./pages/settings/tokens.tsx'), 'TokensPage'),
  },
  {
    path: '/settings/webhooks',
    title: 'webhooks',
    needs: 'listWebhooks',
    nav: 'settings',
    icon: 'webhook',
    Page: page(() => import('./pages/settings/webhooks.tsx'), 'WebhooksPage'),
  },
  {
    path: '/settings/webhooks/:id',
    title: 'webhook',
    needs: 'getWebhook',
    icon: 'webhook',
    Page: page(() => import('./pages/settings/webhook.tsx'), 'WebhookPage'),
  },
  {
    path: '/settings/audit',
    title: 'audit',
    needs: 'listAudit',
    nav: 'settings',
    icon: 'audit',
    Page: page(() => import('./pages/settings/audit.tsx'), 'AuditPage'),
  },
  {
    path: '/settings/profile',
    title: 'profile',
    needs: 'getMe',
    icon: 'user',
    Page: page(() => import('./pages/settings/profile.tsx'), 'ProfilePage'),
  },
  {
    path: '/operator',
    title: 'fleet',
    needs: 'getAllStatistics',
    nav: 'operator',
    icon: 'gauge',
    Page: page(() => import('./pages/operator/fleet.tsx'), 'FleetPage'),
  },
  {
    path: '/operator/stores',
    title: 'allStores',
    needs: 'listAllStores',
    nav: 'operator',
    icon: 'layers',
    Page: page(() => import('./pages/operator/stores.tsx'), 'AllStoresPage'),
  },
  {
    path: '/operator/held',
    title: 'held',
    needs: 'listAllOperations',
    nav: 'operator',
    icon: 'hand',
    Page: page(() => import('./pages/operator/held.tsx'), 'HeldPage'),
  },
  {
    path: '/operator/unaccounted',
    title: 'unaccounted',
    needs: 'listUnaccounted',
    nav: 'operator',
    icon: 'orphan',
    Page: page(() => import('./pages/operator/unaccounted.tsx'), 'UnaccountedPage'),
  },
  {
    path: '/operator/tenants',
    title: 'tenants',
    needs: 'listAllTenants',
    nav: 'operator',
    icon: 'building',
    Page: page(() => import('./pages/operator/tenants.tsx'), 'TenantsPage'),
  },
  {
    path: '/operator/schedules',
    title: 'schedules',
    needs: 'listSchedules',
    nav: 'operator',
    icon: 'calendar',
    Page: page(() => import('./pages/operator/schedules.tsx'), 'SchedulesPage'),
  },
  {
    path: '/operator/clusters',
    title: 'clusters',
    needs: 'listClusters',
    nav: 'operator',
    icon: 'server',
    Page: page(() => import('./pages/operator/clusters.tsx'), 'ClustersPage'),
  },
  {
    path: '/operator/audit',
    title: 'allAudit',
    needs: 'listAllAudit',
    nav: 'operator',
    icon: 'audit',
    Page: page(() => import('./pages/operator/audit.tsx'), 'AllAuditPage'),
  },
];
