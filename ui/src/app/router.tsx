import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { AddHost } from '../pages/add-host.tsx'
import { Attention } from '../pages/attention.tsx'
import {
  readAddHostSearch,
  readDeploySearch,
  readHostSearch,
  readInstanceSearch,
  readOperationSearch,
} from '../pages/deeds.ts'
import { Deploy } from '../pages/deploy.tsx'
import { HostPage } from '../pages/host.tsx'
import { Hosts } from '../pages/hosts.tsx'
import { readHostsSearch } from '../pages/hosts-search.ts'
import { InstancePage } from '../pages/instance.tsx'
import { Instances, readInstancesSearch } from '../pages/instances.tsx'
import { NetworkPage, Networks } from '../pages/networks.tsx'
import { OfferingPage, Offerings } from '../pages/offerings.tsx'
import { OperationPage } from '../pages/operation.tsx'
import { Operations, readOperationsSearch } from '../pages/operations.tsx'
import { Provider } from '../pages/provider.tsx'
import { RackFile } from '../pages/rack-file.tsx'
import { readRacksSearch } from '../pages/rack-pages.tsx'
import { Racks } from '../pages/racks.tsx'
import { Settings } from '../pages/settings.tsx'
import { Switches } from '../pages/switches.tsx'
import { TemplatePage, Templates } from '../pages/templates.tsx'
import { Broken, NotFound } from './not-found.tsx'
import { Shell } from './shell.tsx'

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: Broken })
const page = <Path extends string>(path: Path, component: () => React.ReactNode) =>
  createRoute({ getParentRoute: () => root, path, component })

const tree = root.addChildren([
  page('/', Attention),
  createRoute({
    getParentRoute: () => root,
    path: '/racks',
    component: Racks,
    validateSearch: readRacksSearch,
  }),
  page('/racks/$name/edit', RackFile),
  createRoute({
    getParentRoute: () => root,
    path: '/hosts',
    component: Hosts,
    validateSearch: readHostsSearch,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/hosts/new',
    component: AddHost,
    validateSearch: readAddHostSearch,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/hosts/$name',
    component: HostPage,
    validateSearch: readHostSearch,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/instances',
    component: Instances,
    validateSearch: readInstancesSearch,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/instances/new',
    component: Deploy,
    validateSearch: readDeploySearch,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/instances/$name',
    component: InstancePage,
    validateSearch: readInstanceSearch,
  }),
  page('/networks', Networks),
  page('/networks/$name', NetworkPage),
  page('/templates', Templates),
  page('/templates/$name', TemplatePage),
  page('/offerings', Offerings),
  page('/offerings/$name', OfferingPage),
  createRoute({
    getParentRoute: () => root,
    path: '/operations',
    component: Operations,
    validateSearch: readOperationsSearch,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/operations/$key',
    component: OperationPage,
    validateSearch: readOperationSearch,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/switches',
    component: Switches,
    validateSearch: readRacksSearch,
  }),
  page('/settings', Settings),
  page('/settings/provider', Provider),
  // real racks have none: nobody there loads it
  createRoute({
    getParentRoute: () => root,
    path: '/lab',
    component: lazyRouteComponent(() => import('../pages/lab.tsx'), 'LabPage'),
  }),
])

export function createRoutes() {
  return createRouter({ routeTree: tree, defaultPreload: false, scrollRestoration: true })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createRoutes>
  }
}
